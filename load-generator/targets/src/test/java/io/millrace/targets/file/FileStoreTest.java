package io.millrace.targets.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.target.TargetOptions;
import io.millrace.targets.store.LaneStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    @TempDir
    private Path dir;
    private final List<Integer> lengths = new ArrayList<>();
    private final RecordSource.Handler handler = new RecordSource.Handler() {
        @Override
        public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
            for (int i = 0; i < length; i++) {
                assertEquals((byte) length, buffer.get(index + i));
            }
            buffer.position(0).limit(0); // as a handler may
            lengths.add(length);
        }

        @Override
        public void onDamagedBatch(final int partition, final long offset, final String reason) {
            throw new AssertionError(reason);
        }

        @Override
        public boolean isStopped() {
            return false;
        }
    };

    @Test
    void shouldReadWhatWasCommittedWhenRecordsAreOfAnyLength() {
        final List<Integer> written = List.of(1, 0, 300_000, 7, 2_000_000, 32);
        try (LaneStore.Appender appender = new FileStore().appender(dir, true);
            LaneStore.Reader reader = new FileStore().reader(dir)) {
            for (final int length : written) {
                append(appender, length);
                assertEquals(0, reader.read(3, 10, handler));
                appender.commit();
                assertEquals(1, reader.read(3, 10, handler));
            }
        }
        assertEquals(written, lengths);
    }

    @Test
    void shouldPassRecordsOverWhenAskedTo() {
        try (LaneStore.Appender appender = new FileStore().appender(dir, false);
            LaneStore.Reader reader = new FileStore().reader(dir)) {
            for (int length = 1; length <= 5; length++) {
                append(appender, length);
            }
            appender.commit();
            assertEquals(2, reader.skip(2));
            assertEquals(1, reader.read(0, 1, handler));
            assertEquals(2, reader.skip(Long.MAX_VALUE));
        }
        assertEquals(List.of(3), lengths);
    }

    @Test
    void shouldRefuseASettingWhenItIsNone() {
        assertThrows(TargetRefusedException.class, () -> new FileSystemTarget()
            .start(new TargetOptions(dir.resolve("new"), 0, 3, Map.of("fsync", "always")), text -> { }));
    }

    private static void append(final LaneStore.Appender appender, final int length) {
        final ByteBuffer record = ByteBuffer.allocate(length + 1);
        for (int i = 0; i < length; i++) {
            record.put(i, (byte) length);
        }
        appender.append(record, length);
    }
}
