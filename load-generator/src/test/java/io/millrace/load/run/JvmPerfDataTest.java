package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JvmPerfDataTest {
    private static final long PROCESS_ID = 4711;

    @TempDir
    private Path dir;

    @Test
    void shouldAddUpAllCollectorsWhenTheFileHasSeveral() throws IOException {
        final ByteBuffer file = ByteBuffer.allocate(2_000).order(ByteOrder.LITTLE_ENDIAN);
        file.order(ByteOrder.BIG_ENDIAN).putInt(0, 0xcafec0c0).order(ByteOrder.LITTLE_ENDIAN);
        file.put(4, (byte) 1).putInt(24, 32).putInt(28, 6);
        int entry = 32;
        entry = put(file, entry, "sun.os.hrt.frequency", 1_000);
        entry = put(file, entry, "sun.gc.collector.0.time", 20);
        entry = put(file, entry, "sun.gc.collector.0.invocations", 3);
        entry = put(file, entry, "sun.gc.collector.0.lastEntryTime", 99);
        entry = put(file, entry, "sun.gc.collector.2.time", 5);
        put(file, entry, "sun.gc.collector.2.invocations", 1);
        Files.createDirectory(dir.resolve("hsperfdata_somebody"));
        Files.write(dir.resolve("hsperfdata_somebody").resolve(Long.toString(PROCESS_ID)), file.array());
        assertEquals(new JvmPerfData.Collections(4, 25_000_000), JvmPerfData.read(dir, PROCESS_ID));
    }

    @Test
    void shouldSayNothingWhenThereIsNoFileOrItIsDamaged() throws IOException {
        assertNull(JvmPerfData.read(dir, PROCESS_ID));
        Files.createDirectory(dir.resolve("hsperfdata_somebody"));
        Files.write(dir.resolve("hsperfdata_somebody").resolve(Long.toString(PROCESS_ID)), new byte[100]);
        assertNull(JvmPerfData.read(dir, PROCESS_ID));
        final ByteBuffer endless = ByteBuffer.allocate(100).putInt(0, 0xcafec0c0).putInt(24, 32).putInt(28, 9);
        assertNull(JvmPerfData.parse(endless));
    }

    private static int put(final ByteBuffer file, final int entry, final String name, final long value) {
        final byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        final int dataOffset = 20 + (bytes.length + 8 & ~7);
        file.putInt(entry, dataOffset + 8).putInt(entry + 4, 20).putInt(entry + 8, 0).put(entry + 12, (byte) 'J')
            .putInt(entry + 16, dataOffset);
        file.put(entry + 20, bytes).putLong(entry + dataOffset, value);
        return entry + dataOffset + 8;
    }
}
