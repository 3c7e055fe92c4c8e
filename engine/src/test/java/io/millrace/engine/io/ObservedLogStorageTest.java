package io.millrace.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObservedLogStorageTest {
    @TempDir
    private Path dir;

    private final List<String> heard = new ArrayList<>();
    private long nowNs = 100;

    @Test
    void shouldTimeWritesAndSyncsAndNothingElseWhenAFileIsUsed() throws IOException {
        final LogStorage storage = new ObservedLogStorage(new FileLogStorage(dir), () -> nowNs += 7,
            new StorageObserver() {
                @Override
                public void onWrite(final int length, final long startNs, final long endNs) {
                    heard.add("write " + length + " " + (endNs - startNs));
                }

                @Override
                public void onSync(final long startNs, final long endNs) {
                    heard.add("sync " + (endNs - startNs));
                }
            });
        try (LogFile file = storage.open("a", true)) {
            assertEquals(5, file.write(ByteBuffer.wrap(new byte[5]), 0));
            file.sync();
            assertEquals(5, file.length());
            final ByteBuffer target = ByteBuffer.allocate(8);
            assertEquals(5, file.read(target, 0));
            file.truncate(2);
        }
        storage.rename("a", "b");
        storage.syncDirectory();
        assertEquals(List.of("b"), storage.list());
        storage.delete("b");
        assertThrows(IOException.class, () -> storage.open("none", false));
        assertEquals(List.of("write 5 7", "sync 7", "sync 7"), heard);
    }
}
