package io.millrace.targets.rabbitmq;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.RecordSource;
import io.millrace.load.workload.RecordHeader;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest implements RecordSource.Handler {
    private static final int LENGTH = 64;

    @TempDir
    private Path dir;
    private final List<Integer> found = new ArrayList<>();

    @Test
    void shouldGiveEachRecordBackOnceWhenSomeComeAgainAfterALostConnection() {
        final Spool spool = new Spool(dir);
        assertFalse(spool.has("q-0"));
        try (Spool.Writer writer = spool.writer(new String[] {"q-0"})) {
            assertTrue(writer.keep(0, false, record(0), 0, LENGTH));
            assertTrue(writer.keep(0, false, record(1), 0, LENGTH));
            assertEquals(0, spool.count("q-0"), "not handed to the file yet");
            writer.commit();
            assertFalse(writer.keep(0, true, record(1), 0, LENGTH), "its acknowledgement was lost");
            assertTrue(writer.keep(0, true, record(2), 0, LENGTH), "the connection was lost before it arrived");
            assertTrue(writer.keep(0, false, record(2), 0, LENGTH), "a duplicate is to be found as one");
            writer.commit();
            assertEquals(4, spool.count("q-0"));
            assertEquals(0, spool.read("q-0", 3, 4, this));
        }
        assertEquals(List.of(0, 1, 2, 2), found);
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        assertEquals(3, partition);
        assertTrue(RecordHeader.isIntact(buffer, index, length, new CRC32C()));
        found.add(RecordHeader.sequence(buffer, index));
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        throw new AssertionError(reason);
    }

    @Override
    public boolean isStopped() {
        return false;
    }

    private static ByteBuffer record(final int sequence) {
        final ByteBuffer record = ByteBuffer.allocate(LENGTH);
        RecordHeader.prepare(record, 0, 1, 2, 0);
        RecordHeader.patch(record, 0, LENGTH, sequence, 0, new CRC32C());
        return record;
    }
}
