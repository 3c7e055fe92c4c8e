package io.millrace.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileLogStorageTest {
    @TempDir
    private Path directory;

    @Test
    void shouldKeepOpenFileUsableWhenItIsRenamedOrDeleted() throws IOException {
        final FileLogStorage storage = new FileLogStorage(directory.resolve("x/y"));
        try (LogFile file = storage.open("a", true)) {
            assertEquals(3, file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 5));
            storage.rename("a", "b");
            file.sync();
            storage.syncDirectory();
            assertEquals(List.of("b"), storage.list());
            assertEquals(8, file.length());
            storage.delete("b");
            storage.delete("b");
            final ByteBuffer target = ByteBuffer.allocate(10);
            assertEquals(2, file.read(target, 6));
            assertEquals(-1, file.read(target, 8));
            file.truncate(2);
            assertEquals(2, file.length());
        }
        assertEquals(List.of(), storage.list());
        assertThrows(IOException.class, () -> storage.open("missing", false));
        assertThrows(IllegalArgumentException.class, () -> storage.open("../evil", true));
        assertTrue(storage.usableLength() > 0);
    }

    @Test
    void shouldTellFullDiskFromOtherFailures() throws IOException {
        final Path full = Path.of("/dev/full"); // a device of Linux that is always full
        Assumptions.assumeTrue(Files.isWritable(full));
        try (LogFile file = new FileLogFile(full,
            java.nio.channels.FileChannel.open(full, java.nio.file.StandardOpenOption.WRITE))) {
            final DiskFullException failure = assertThrows(DiskFullException.class,
                () -> file.write(ByteBuffer.allocate(10), 0));
            assertTrue(failure.getMessage().contains("/dev/full") && failure.getMessage().contains("free space"));
        }
        assertFalse(FileLogFile.isDiskFull(new IOException("Input/output error")));
    }

    @Test
    void shouldLockDirectoryOnce() throws IOException {
        final Path data = directory.resolve("data");
        try (DirectoryLock held = DirectoryLock.acquire(data)) {
            assertTrue(held != null);
            final String message = assertThrows(IOException.class, () -> DirectoryLock.acquire(data)).getMessage();
            assertTrue(message.contains(data.toString()) && message.contains("another broker"), message);
            assertTrue(Files.exists(data.resolve(DirectoryLock.FILE_NAME)));
        }
        DirectoryLock.acquire(data).close();
    }
}
