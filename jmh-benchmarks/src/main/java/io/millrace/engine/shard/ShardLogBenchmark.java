package io.millrace.engine.shard;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.CompositeAgent;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.SystemNanoClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how many batches a second does a whole shard log take, with segments, index, rolls, retention and the
 * profile's syncing in the background? One operation is one batch, one partition. Baseline:
 * {@code RingToFileBenchmark}, the same way into one file that is overwritten; the difference is what a log costs
 * beyond a file.
 *
 * <p>What it hides: claims and drains take turns on one thread, so there is no contention for the ring. With a disk
 * slower than the page cache the result is the disk's after a while: look at single iterations.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class ShardLogBenchmark {
    private static final int PARTITION_ID = 0;
    private static final int NOBODY = 0;
    private static final int ACKS_LEADER = 1;
    private static final int BLOCK_LENGTH = 256 * 1024;
    private static final long SHARD_CAPACITY = 1024L * 1024 * 1024;
    private static final long RETENTION_LENGTH = 256L * 1024 * 1024;
    private static final long HIGH_WATER_LENGTH = 768L * 1024 * 1024;
    private static final long RETAIN_INTERVAL_LENGTH = 16L * 1024 * 1024;

    /** Length of the whole batch. */
    @Param({"128", "1024", "16384"})
    private int length;

    private Scratch scratch;
    private SegmentedShardLog log;
    private ShardIngress ingress;
    private AgentRunner background;
    private UnsafeBuffer batch;
    private int frameLength;
    private int filledLength;
    private long retainedPosition;

    /**
     * Opens a log in a new directory and leads it.
     *
     * @throws IOException when the directory cannot be written
     */
    @Setup
    public void open() throws IOException {
        scratch = new Scratch("shard-log");
        final LogSyncer syncer = new LogSyncer(SystemNanoClock.INSTANCE);
        final SegmentMaintenance maintenance = new SegmentMaintenance(SystemNanoClock.INSTANCE);
        log = new ShardLogContext()
            .storage(new FileLogStorage(scratch.directory()))
            .profile(DurabilityProfile.REPLICATED)
            .shardCapacity(SHARD_CAPACITY)
            .refuseDamage(true)
            .outcomes((replyId, errorCode, baseOffset, logStartOffset) -> { })
            .random(new SplittableRandom(1))
            .errorHandler(Throwable::printStackTrace)
            .syncer(syncer)
            .maintenance(maintenance)
            .open();
        background = new AgentRunner(new SleepingMillisIdleStrategy(1), Throwable::printStackTrace, null,
            new CompositeAgent(syncer, maintenance));
        AgentRunner.startOnThread(background);
        if (log.startLeading(1) < 0) {
            throw new IOException("cannot write to " + scratch.directory());
        }
        ingress = log.ingress();
        frameLength = FrameDescriptor.alignedLength(FrameDescriptor.HEADER_LENGTH + length);
        batch = Batches.ofLength(length);
    }

    /**
     * Removes the directory.
     *
     * @throws IOException when that fails
     */
    @TearDown
    public void close() throws IOException {
        background.close();
        log.close();
        scratch.close();
    }

    /** One batch into the log. */
    @Benchmark
    public void produce() {
        final int index = ingress.tryClaim(PARTITION_ID, length, NOBODY, ACKS_LEADER);
        if (index < 0) {
            throw new IllegalStateException(index == ShardIngress.FULL ? "ring full" : "not leading");
        }
        ingress.buffer().putBytes(index, batch, 0, length);
        ingress.commit(index);
        filledLength += frameLength;
        if (filledLength >= BLOCK_LENGTH) {
            filledLength = 0;
            drain();
        }
    }

    private void drain() {
        final long before = log.endPosition();
        int idleCount = 0;
        while (idleCount < 2) { // one drain finds nothing but the padding at the end of the ring
            idleCount = log.drain() > 0 ? 0 : idleCount + 1;
        }
        if (log.endPosition() == before) {
            throw new IllegalStateException("nothing was written, for example with error "
                + ErrorCodes.KAFKA_STORAGE_ERROR + "; is the disk full?");
        }
        log.commit(log.endPosition());
        if (log.endPosition() - retainedPosition >= RETAIN_INTERVAL_LENGTH) {
            retainedPosition = log.endPosition();
            log.retain(PARTITION_ID, RETENTION_LENGTH);
        }
        while (log.endPosition() - log.startPosition() > HIGH_WATER_LENGTH) {
            log.retain(PARTITION_ID, RETENTION_LENGTH);
            Thread.onSpinWait(); // the disk is the limit: wait for segments to be given back rather than be refused
        }
    }
}
