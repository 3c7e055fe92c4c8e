package io.millrace.engine.shard;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.rig.Batches;
import io.millrace.engine.rig.Flags;
import io.millrace.engine.rig.Scratch;
import io.millrace.engine.rig.Written;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
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
 * Question: how much of the disk's sequential bandwidth with fdatasync does profile {@code durable} carry, and how much
 * more does {@code replicated}, which syncs in the background? One operation is one block of {@code blockLength} bytes
 * of frames; {@code bytes} is bytes/s.
 *
 * <p>Baseline: {@link #baselineChannel}, FileChannel.write and force(false) of blocks of the same length, over a file
 * that was written before. {@link DurableAgainstFio} runs fio beside it, on the same disk and in the same way.
 *
 * <p>What it hides: a batch is as long as the block, up to 64 KiB; the log's segments are recycled once the benchmark
 * is warm, before that maintenance fills files with zeros beside it, so leave the warm-up its length.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class DurableBenchmark {
    private static final int PAGE_LENGTH = 4096;
    private static final int MAX_FRAME_LENGTH = 64 * 1024;
    private static final int PARTITION_ID = 0;
    private static final int REPLY_ID = 1;
    private static final int ACKS_LEADER = 1;

    /** A led log in some profile. */
    @State(Scope.Benchmark)
    public abstract static class Log {
        /** Bytes of frames that are written, and in {@code durable} synced, at a time. */
        @Param({"4096", "16384", "65536", "262144", "1048576"})
        public int blockLength;

        private LedLog log;
        private UnsafeBuffer batch;
        private int batchCount;
        private long producedCount;

        void open(final DurabilityProfile profile, final boolean hasThreads) throws IOException {
            final int frameLength = Math.min(blockLength, MAX_FRAME_LENGTH);
            batch = Batches.ofLength(frameLength - FrameDescriptor.HEADER_LENGTH);
            batchCount = blockLength / frameLength;
            log = new LedLog("durable", profile, hasThreads);
            if (hasThreads) {
                log.start();
            }
        }

        /**
         * Closes and removes the log.
         *
         * @throws IOException when that fails
         */
        @TearDown
        public void close() throws IOException {
            log.close();
        }

        void produceBlock() {
            final ShardIngress ingress = log.ingress();
            final int length = batch.capacity();
            for (int i = 0; i < batchCount; i++) {
                int index = ingress.tryClaim(PARTITION_ID, length, REPLY_ID, ACKS_LEADER);
                while (index < 0) {
                    log.checkFailure();
                    Thread.yield();
                    index = ingress.tryClaim(PARTITION_ID, length, REPLY_ID, ACKS_LEADER);
                }
                ingress.buffer().putBytes(index, batch, 0, length);
                ingress.commit(index);
                producedCount++;
            }
        }

        /** Waits until at most so many blocks are not answered. */
        void awaitAnswers(final int openBlockCount) {
            while (producedCount - log.answeredCount() > (long)openBlockCount * batchCount) {
                log.checkFailure();
                Thread.yield();
            }
        }

        /** Writes, syncs and answers on this thread. */
        void writeAndSync() {
            final long before = log.endPosition();
            while (log.endPosition() - before < blockLength) {
                log.drain();
                log.checkFailure();
            }
            log.syncNow();
            log.drain(); // the answers
        }
    }

    /** Profile durable, written and synced by the benchmark's thread. */
    @State(Scope.Benchmark)
    public static class OnOneThread extends Log {
        /**
         * Opens the log.
         *
         * @throws IOException when the folder cannot be written
         */
        @Setup
        public void open() throws IOException {
            open(DurabilityProfile.DURABLE, false);
        }
    }

    /** Either profile with the threads that a broker has. */
    @State(Scope.Benchmark)
    public static class AsInABroker extends Log {
        /** The profile. */
        @Param({"DURABLE", "REPLICATED"})
        public DurabilityProfile profile;

        /** Blocks that a producer sends before it waits for the answer to the first. */
        @Param({"1", "8"})
        public int openBlockCount;

        /**
         * Opens the log and starts its threads.
         *
         * @throws IOException when the folder cannot be written
         */
        @Setup
        public void open() throws IOException {
            open(profile, true);
        }
    }

    /**
     * Fio's pattern: one block is written and synced, then the next.
     *
     * @param log     durable
     * @param written counts bytes
     */
    @Benchmark
    public void blockByBlock(final OnOneThread log, final Written written) {
        log.produceBlock();
        log.writeAndSync();
        written.bytes += log.blockLength;
    }

    /**
     * Group commit: while a block is synced, others are written behind it and share the next sync.
     *
     * @param log     in either profile
     * @param written counts bytes
     */
    @Benchmark
    public void groupCommit(final AsInABroker log, final Written written) {
        log.produceBlock();
        log.awaitAnswers(log.openBlockCount - 1);
        written.bytes += log.blockLength;
    }

    /** A file that was written before, for the baseline. */
    @State(Scope.Benchmark)
    public static class PlainFile {
        /** Bytes that are written and synced at a time. */
        @Param({"4096", "16384", "65536", "262144", "1048576"})
        public int blockLength;

        /** Bytes of the file. */
        @Param("268435456")
        public int fileLength;

        private Scratch scratch;
        private FileChannel channel;
        private ByteBuffer block;
        private int fileIndex;

        /**
         * Writes the file for the first time.
         *
         * @throws IOException when that fails
         */
        @Setup
        public void open() throws IOException {
            scratch = new Scratch("durable-baseline");
            channel = FileChannel.open(scratch.directory().resolve("file"),
                StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
            block = BufferUtil.allocateDirectAligned(blockLength, PAGE_LENGTH);
            for (int at = 0; at < fileLength; at += blockLength) {
                write(at);
            }
            channel.force(true);
        }

        /**
         * Removes the file.
         *
         * @throws IOException when that fails
         */
        @TearDown
        public void close() throws IOException {
            channel.close();
            scratch.close();
        }

        void writeAndSync() throws IOException {
            if (fileIndex + blockLength > fileLength) {
                fileIndex = 0;
            }
            write(fileIndex);
            channel.force(false);
            fileIndex += blockLength;
        }

        private void write(final int fileOffset) throws IOException {
            block.clear();
            int at = fileOffset;
            while (block.hasRemaining()) {
                at += channel.write(block, at);
            }
        }
    }

    /**
     * What Java can do on this disk without an engine.
     *
     * @param file    overwritten
     * @param written counts bytes
     * @throws IOException when the disk fails
     */
    @Benchmark
    public void baselineChannel(final PlainFile file, final Written written) throws IOException {
        file.writeAndSync();
        written.bytes += file.blockLength;
    }
}
