package io.millrace.engine.damage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.SegmentPartitionReader;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A small log of each format version that was ever written is kept in the resources and must stay readable. A change of
 * the present version's bytes fails here too: it needs a new version, and a sample of its own (which this test writes
 * to the directory that {@code -Dmillrace.test.fixture=DIR} names).
 */
class FormatFixtureTest {
    private static final String PRESENT = "format-2";
    private static final int SALT = 0x5eed;
    private static final int SEGMENT_LENGTH = 4 * 1024;
    private static final int END = 6_400;
    /** Version 2 tells in frames of their own which log starts have moved. */
    private static final int LOG_START_LENGTH = 48;
    private static final List<String> FILES = List.of("00000000000000000000.index", "00000000000000000000.log",
        "00000000000000004016.log", SegmentNames.CHECKPOINT);

    private static void write(final LogStorage storage) throws IOException {
        final SampleWriter writer = new SampleWriter(storage, DurabilityProfile.REPLICATED, SEGMENT_LENGTH, SALT);
        writer.lead(3);
        for (int i = 0; i < 24; i++) {
            if (i == 18) {
                writer.log.stopLeading();
                writer.lead(5);
            }
            writer.offer(i % 3, 1 + i % 4, 10 + 13 * i, 100 + i);
            Check.that(writer.drain(), "refused");
        }
        writer.commitAll();
        Check.that(writer.log.deleteRecords(1, 7) == END + LOG_START_LENGTH, "refused");
        writer.sync();
        writer.checkpoint();
        writer.close();
    }

    private static byte[] resource(final String version, final String name) throws IOException {
        try (InputStream bytes = FormatFixtureTest.class.getResourceAsStream(version + "/" + name)) {
            if (bytes == null) {
                throw new IOException("no such sample: " + version + "/" + name);
            }
            return bytes.readAllBytes();
        }
    }

    private static SimDisk load(final String version) throws IOException {
        final SimDisk disk = new SimDisk(1);
        for (final String name : FILES) {
            try (LogFile file = disk.open(name, true)) {
                final ByteBuffer source = ByteBuffer.wrap(resource(version, name));
                while (source.hasRemaining()) {
                    file.write(source, source.position());
                }
            }
        }
        return disk;
    }

    @Test
    void shouldReadTheSampleOfVersionOne() throws IOException {
        final SampleLog.Shape shape = new SampleLog.Shape(0, SALT, SEGMENT_LENGTH, 0, false);
        final OpenedLog opened = OpenedLog.open(load("format-1"), shape, true);
        assertEquals(END, opened.end());
        assertEquals(List.of(), opened.report.notes());
        assertEquals(0, opened.report.rebuiltIndexCount());
        final SampleLog sample = SampleLog.ofBytes(shape, DurabilityProfile.REPLICATED, opened.bytes(), 0);
        final OpenedLog.Received received = opened.readAll(sample.batches);
        assertEquals(24, received.wholeCount);
        assertEquals(0, received.refusedCount());
        assertEquals(20, sample.batches.get(0).lastEntry().getValue().nextOffset());
        assertEquals(20, sample.batches.get(2).lastEntry().getValue().nextOffset());
    }

    @Test
    void shouldReadTheSampleOfVersionTwo() throws IOException {
        final SampleLog.Shape shape = new SampleLog.Shape(0, SALT, SEGMENT_LENGTH, 0, false);
        final OpenedLog opened = OpenedLog.open(load("format-2"), shape, true);
        assertEquals(END + LOG_START_LENGTH, opened.end());
        assertEquals(List.of(), opened.report.notes());
        final SampleLog sample = SampleLog.ofBytes(shape, DurabilityProfile.REPLICATED, opened.bytes(), 0);
        assertEquals(7, new SegmentPartitionReader(opened.log).logStartOffset(1));
        assertEquals(20, sample.batches.get(2).lastEntry().getValue().nextOffset());
    }

    @Test
    void shouldStillWriteWhatTheSampleOfThePresentVersionHolds() throws IOException {
        final String target = System.getProperty("millrace.test.fixture");
        if (target != null) {
            write(new FileLogStorage(Path.of(target)));
            return;
        }
        final SimDisk disk = new SimDisk(2);
        write(disk);
        assertEquals(FILES, disk.list());
        for (final String name : FILES) {
            assertArrayEquals(resource(PRESENT, name), disk.bytes(name), name);
        }
    }
}
