package io.millrace.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BringToMemoryTest {
    @TempDir
    private Path directory;

    @Test
    void shouldLeaveFileAsItIsAndUsable() throws IOException {
        final FileLogStorage storage = new FileLogStorage(directory);
        try (LogFile file = storage.open("a", true)) {
            file.bringToMemory(); // empty
            final ByteBuffer bytes = ByteBuffer.allocateDirect(100_000);
            for (int i = 0; i < bytes.capacity(); i++) {
                bytes.put(i, (byte) i);
            }
            file.write(bytes.clear(), 0);
            file.bringToMemory();
            final ByteBuffer read = ByteBuffer.allocateDirect(100_000);
            file.read(read, 0);
            assertEquals(bytes.clear(), read.flip());
            file.bringToMemory(5_000, 1_000);
            file.bringToMemory(99_000, 1_000_000);
            file.bringToMemory(200_000, 1_000);
            file.truncate(10); // no mapping of it is left that could fault
            assertEquals(10, file.length());
        }
    }
}
