package io.millrace.broker.command;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.io.DirectoryLock;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.NanoClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class LogCommandTest {
    private static final int BATCH_COUNT = 40;
    private static final int RECORD_LENGTH = 500;

    @TempDir
    private Path node;
    private Path shard;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writeLog() throws IOException {
        shard = node.resolve("shard-0");
        final SegmentedShardLog log = new ShardLogContext()
            .storage(new FileLogStorage(shard)).segmentLength(8 * 1024).shardCapacity(1 << 20).ringCapacity(64 * 1024)
            .outcomes((replyId, error, baseOffset, start) -> assertEquals(0, error)).random(new SplittableRandom(1))
            .errorHandler(problem -> {
                throw new AssertionError(problem);
            })
            .syncer(new LogSyncer(() -> 0)).maintenance(new SegmentMaintenance(() -> 0)).open();
        log.startLeading(1);
        for (int i = 0; i < BATCH_COUNT; i++) {
            final int length = BatchDescriptor.HEADER_LENGTH + 8 + RECORD_LENGTH;
            final int index = log.ingress().tryClaim(i % 2, length, i + 1, 1);
            putBatch(log.ingress().buffer(), index, length);
            log.ingress().commit(index);
            while (log.drain() > 0) {
                continue;
            }
        }
        log.close();
        DirectoryLock.acquire(node).close();
    }

    /** One record without a key, with a value of {@link #RECORD_LENGTH} bytes. */
    private static void putBatch(final MutableDirectBuffer buffer, final int index, final int length) {
        buffer.setMemory(index, length, (byte) 0);
        buffer.putInt(index + BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET,
            length - BatchDescriptor.LENGTH_OVERHEAD, BIG_ENDIAN);
        buffer.putByte(index + BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        buffer.putLong(index + BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, -1, BIG_ENDIAN);
        buffer.putInt(index + BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 1, BIG_ENDIAN);
        final int record = index + BatchDescriptor.HEADER_LENGTH;
        final int bodyLength = 6 + RECORD_LENGTH;
        buffer.putByte(record, (byte) (2 * bodyLength | 0x80));
        buffer.putByte(record + 1, (byte) (2 * bodyLength >>> 7));
        buffer.putByte(record + 5, (byte) 1); // key length -1
        buffer.putByte(record + 6, (byte) (2 * RECORD_LENGTH | 0x80));
        buffer.putByte(record + 7, (byte) (2 * RECORD_LENGTH >>> 7));
        BatchDescriptor.putCrc(buffer, index, new Checksums().batchCrc(buffer, index, length));
    }

    private int run(final String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new LogCommand()).setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
    }

    private void flip(final String name, final long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(shard.resolve(name).toFile(), "rw")) {
            file.seek(at);
            final int old = file.read();
            file.seek(at);
            file.write(old ^ 16);
        }
    }

    private Map<String, Long> files() throws IOException {
        final Map<String, Long> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(node)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                found.put(node.relativize(file).toString(),
                    Files.size(file) + Files.getLastModifiedTime(file).toMillis());
            }
        }
        return found;
    }

    @Test
    void shouldSaySoundWhenNothingIsWrong() throws IOException {
        final Map<String, Long> before = files();
        assertEquals(0, run("verify", node.toString()), err.toString());
        assertTrue(out.toString().contains("sound, ") && out.toString().contains("batches=" + BATCH_COUNT),
            out::toString);
        assertEquals(0, run("verify", "-q", shard.toString()));
        assertEquals("", out.toString());
        assertEquals(before, files(), "it may only read");
    }

    @Test
    void shouldSayHowFarItIsWhenItTakesLong() {
        final AtomicLong nowNs = new AtomicLong();
        final NanoClock clock = () -> nowNs.getAndAdd(TimeUnit.SECONDS.toNanos(3));
        final CommandLine verify = new CommandLine(new LogVerifyCommand(clock))
            .setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        assertEquals(0, verify.execute(node.toString()));
        assertTrue(err.toString().contains(shard + ": 0 of 0 MB"), err::toString);
    }

    @Test
    void shouldNameFileAndPositionWhenAByteFlipped() throws IOException {
        final String first = "00000000000000000000.log";
        flip(first, 1_000);
        assertEquals(1, run("verify", node.toString()));
        assertTrue(out.toString().contains(first + " position=") && out.toString().contains("expected=0x"),
            out::toString);
        assertEquals(1, run("dump", shard.toString()));
        assertTrue(out.toString().contains("! damaged "), out::toString);
    }

    @Test
    void shouldCheckNothingWhenANodeRunsThere() throws IOException {
        final DirectoryLock lock = DirectoryLock.acquire(node);
        try {
            assertEquals(2, run("verify", node.toString()));
            assertTrue(err.toString().contains("in use") && err.toString().contains("--live"), err::toString);
            assertEquals(2, run("verify", shard.toString()));
            assertEquals(2, run("dump", shard.toString()));
            assertEquals(0, run("verify", "--live", node.toString()));
        } finally {
            lock.close();
        }
        assertEquals(2, run("verify", node.resolve("nowhere").toString()));
        assertEquals(2, run("verify", Files.createDirectory(node.resolve("empty")).toString()));
        assertEquals(2, run("verify"));
    }

    @Test
    void shouldPrintFramesWhenDumping() {
        assertEquals(0, run("dump", shard.toString()), err.toString());
        final String all = out.toString();
        assertEquals(BATCH_COUNT, all.lines().filter(line -> line.contains("type=batch")).count());
        assertTrue(all.contains("type=state") && all.contains("type=epoch-start") && all.contains("! end "), all);
        assertEquals(0, run("dump", shard.toString(), "--partition", "1", "--max-frames", "3"));
        assertEquals(3, out.toString().lines().filter(line -> line.startsWith("position=")).count());
        assertTrue(!out.toString().contains("partition=0"), out::toString);
        assertEquals(0, run("dump", shard.toString(), "--from-position", "8000", "--to-position", "9000"));
        final long count = out.toString().lines().filter(line -> line.startsWith("position=")).count();
        assertTrue(count > 0 && count < 4, out::toString);
        assertEquals(0, run("dump", shard.toString(), "--records", "--max-frames", "4", "--format", "json"));
        assertTrue(out.toString().contains("\"keyLength\":-1,\"valueLength\":" + RECORD_LENGTH), out::toString);
        assertTrue(out.toString().lines().allMatch(line -> line.startsWith("{") && line.endsWith("}")), out::toString);
        assertEquals(0, run("dump", shard.resolve("00000000000000000000.log").toString()));
        assertEquals(2, run("dump", shard.resolve("checkpoint").toString()));
    }
}
