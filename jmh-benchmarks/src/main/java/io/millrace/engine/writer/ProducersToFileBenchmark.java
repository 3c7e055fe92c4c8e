package io.millrace.engine.writer;

import io.millrace.broker.api.ProduceCheck;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.rig.Written;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how many batches a second go from one or two producing threads through the ring to a thread that writes
 * them to a file? One operation is one batch of {@code length} bytes: the produce path's check with CRC32C, claim,
 * copy, commit; the drain with offsets and header CRC runs on the engine's own thread. Baseline: {@code
 * target=nothing}, the same with a log that throws its blocks away, so the difference is the file; {@code
 * RingToFileBenchmark} has both halves in turns on one thread, so the difference is what passing memory between cores
 * costs or saves.
 *
 * <p>What it hides: the file is one preallocated segment that is overwritten; nothing is synced. The ring holds 16 MiB,
 * so what counts as produced is ahead of what is written by at most so much, less than 1 % of an iteration. With fewer
 * cores than threads the operating system's scheduler is part of the result.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class ProducersToFileBenchmark {
    private static final int RING_CAPACITY = 16 * 1024 * 1024;
    private static final int NOBODY = 0;
    private static final int ACKS_LEADER = 1;

    /** The engine: ring, writer, file, and the thread that drains. Shared by the producers. */
    @State(Scope.Benchmark)
    public static class Engine implements Agent {
        /** Length of the whole batch. */
        @Param({"128", "1024", "16384"})
        public int length;

        /** Where the blocks go: {@code file} or {@code nothing}. */
        @Param({"file", "nothing"})
        public String target;

        private Scratch scratch;
        private OverwrittenSegment segment;
        private RingIngress ingress;
        private ShardWriter writer;
        private AgentRunner runner;
        private volatile Throwable failure;

        /**
         * Opens the file, leads a shard in it and starts the engine thread.
         *
         * @throws IOException when the folder cannot be written
         */
        @Setup
        public void open() throws IOException {
            scratch = new Scratch("producers");
            segment = target.equals("nothing")
                ? new OverwrittenSegment() : new OverwrittenSegment(scratch.directory().resolve("segment.log"));
            ingress = new RingIngress(RING_CAPACITY, segment.maxFrameLength());
            writer = new ShardWriter(ingress, segment, new ShardState(), new LogMarks(),
                (replyId, error, baseOffset, endPosition) -> { }, DurabilityProfile.REPLICATED);
            if (writer.startLeading(1) < 0) {
                throw new IOException("cannot write to " + scratch.directory());
            }
            runner = new AgentRunner(new BackoffIdleStrategy(), cause -> failure = cause, null, this);
            AgentRunner.startOnThread(runner);
        }

        /**
         * Stops the engine thread and removes the file.
         *
         * @throws IOException when that fails
         */
        @TearDown
        public void close() throws IOException {
            CloseHelper.close(runner);
            segment.close();
            scratch.close();
            checkFailure();
        }

        @Override
        public int doWork() {
            return writer.drain();
        }

        @Override
        public String roleName() {
            return "engine";
        }

        void checkFailure() {
            if (failure != null) {
                throw new IllegalStateException("the engine thread failed", failure);
            }
        }
    }

    /** What one producing thread has to itself. */
    @State(Scope.Thread)
    public static class Producer {
        private final ProduceCheck check = new ProduceCheck();
        private UnsafeBuffer batch;

        /**
         * Makes the batch.
         *
         * @param engine knows its length
         */
        @Setup
        public void fill(final Engine engine) {
            batch = Batches.ofLength(engine.length);
        }

        void produce(final Engine engine, final Written written) {
            final ShardIngress ingress = engine.ingress;
            final int length = batch.capacity();
            if (!check.isGood(batch, 0, length, ingress.maxBatchLength())) {
                throw new IllegalStateException("the broker would refuse this batch: length=" + length);
            }
            int index = ingress.tryClaim(0, length, NOBODY, ACKS_LEADER);
            while (index < 0) {
                engine.checkFailure();
                Thread.yield();
                index = ingress.tryClaim(0, length, NOBODY, ACKS_LEADER);
            }
            ingress.buffer().putBytes(index, batch, 0, length);
            ingress.commit(index);
            written.bytes += length;
        }
    }

    /**
     * One producer.
     *
     * @param engine   shared
     * @param producer this thread's
     * @param written  counts bytes
     */
    @Benchmark
    @Threads(1)
    public void oneProducer(final Engine engine, final Producer producer, final Written written) {
        producer.produce(engine, written);
    }

    /**
     * Two producers; the score is that of both together.
     *
     * @param engine   shared
     * @param producer this thread's
     * @param written  counts bytes
     */
    @Benchmark
    @Threads(2)
    public void twoProducers(final Engine engine, final Producer producer, final Written written) {
        producer.produce(engine, written);
    }
}
