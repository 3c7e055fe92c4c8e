package io.millrace.engine.shard;

import io.millrace.engine.rig.Flags;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how many records a second does one producer get into the log files of this machine with Millrace's engine,
 * with Aeron Archive and with Chronicle Queue? One operation is one record, so the score is records/s; times the length
 * it is bytes/s. Add {@code -prof gc} for the bytes allocated per record.
 *
 * <p>The same for all three:
 * <ul>
 * <li>One invocation is {@value #RECORD_COUNT} records, and it ends only when the last of them has been handed to the
 * file: written to the page cache (Millrace, Archive) or copied into the mapped file (Chronicle). Nothing that is only
 * offered counts.</li>
 * <li>A record is a message of {@code length} bytes in the producer's memory outside the heap; the same one every time,
 * so it lies in the processor's cache.</li>
 * <li>Nobody syncs within the measured time and no old file is given back: that happens between invocations, off the
 * clock and for all three after as many bytes, so that it is engines that are compared and not the disk. What the
 * shipped profile's background sync costs on this disk is shown by {@code -p sync=background}, see
 * {@link MillraceProducer}.</li>
 * <li>The same folder, and at most {@value io.millrace.engine.rig.Scratch#MAX_LENGTH} bytes in it.</li>
 * <li>One sender, and a thread of its own for writing where the design has one; idle threads back off.</li>
 * </ul>
 *
 * <p>What each does for a record differs, and what each is given is written at its state: {@link MillraceProducer},
 * {@link AeronArchiveRecorder}, {@link ChronicleAppender}. Only Millrace computes checksums (the batch's CRC32C is
 * checked, the frame's is made), assigns offsets and answers the producer; only Aeron Archive and Millrace may be
 * replicated or replayed to the network from what they wrote. There is no baseline of the harness: the loops hold
 * nothing but the calls; {@code RingToFileBenchmark.baselineFileOnly} has the page cache's own speed.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {
    Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX,
    // what Chronicle Queue asks for, and its recommended settings for throughput
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-exports=java.base/jdk.internal.util=ALL-UNNAMED", "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED",
    "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED", "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED", "--add-opens=jdk.compiler/com.sun.tools.javac=ALL-UNNAMED",
    "-Djvm.resource.tracing=false", "-Dchronicle.analytics.disable=true", "-Dchronicle.announcer.disable=true"})
public class PeersBenchmark {
    /** Records of one invocation. */
    static final int RECORD_COUNT = 64 * 1024;
    /** After so many bytes everyone's files are synced, off the clock. */
    static final long SYNC_LENGTH = 64L * 1024 * 1024;

    /**
     * Into Millrace's log.
     *
     * @param producer and the engine
     */
    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public void millrace(final MillraceProducer producer) {
        producer.produce(RECORD_COUNT);
    }

    /**
     * Into an Aeron Archive recording.
     *
     * @param recorder publication and archive
     */
    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public void aeronArchive(final AeronArchiveRecorder recorder) {
        recorder.record(RECORD_COUNT);
    }

    /**
     * Into a Chronicle Queue.
     *
     * @param appender and its queue
     */
    @Benchmark
    @OperationsPerInvocation(RECORD_COUNT)
    public void chronicleQueue(final ChronicleAppender appender) {
        appender.append(RECORD_COUNT);
    }
}
