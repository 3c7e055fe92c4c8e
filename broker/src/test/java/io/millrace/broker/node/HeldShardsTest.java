package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldShardsTest {
    @TempDir
    private Path directory;

    @Test
    void shouldRememberShardsWhenStartedAgain() throws IOException {
        final HeldShards held = HeldShards.load(directory);
        held.add(7);
        held.add(7);
        held.add(12);
        assertTrue(held.contains(7));
        assertTrue(HeldShards.load(directory).contains(12));
        assertFalse(HeldShards.load(directory).contains(1));
        assertEquals("7\n12\n", Files.readString(directory.resolve(HeldShards.FILE_NAME)));
    }

    @Test
    void shouldForgetALineThatACrashCutOff() throws IOException {
        Files.writeString(directory.resolve(HeldShards.FILE_NAME), "7\n1");
        final HeldShards held = HeldShards.load(directory);
        assertFalse(held.contains(1));
        held.add(12);
        assertEquals("7\n12\n", Files.readString(directory.resolve(HeldShards.FILE_NAME)));
    }

    @Test
    void shouldRememberWhichLogsLackSomethingUntilTheyAreWhole() throws IOException {
        final HeldShards held = HeldShards.load(directory);
        held.add(7);
        held.lacking(7, true);
        held.lacking(3, true);
        assertTrue(HeldShards.load(directory).isLacking(7), "at every start");
        held.lacking(7, false);
        final HeldShards again = HeldShards.load(directory);
        assertFalse(again.isLacking(7));
        assertTrue(again.isLacking(3));
        assertTrue(again.contains(7));
    }

    @Test
    void shouldSayWhichLineIsWrong() throws IOException {
        Files.writeString(directory.resolve(HeldShards.FILE_NAME), "7\nseven\n");
        assertTrue(assertThrows(IOException.class, () -> HeldShards.load(directory)).getMessage().contains("'seven'"));
    }
}
