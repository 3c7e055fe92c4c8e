package io.millrace.engine.rig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ScratchTest {
    @Test
    void shouldBeGoneWithItsFilesWhenClosed() throws IOException {
        final Path directory;
        try (Scratch scratch = Scratch.inMemory()) {
            directory = scratch.directory();
            Files.writeString(directory.resolve("buffer"), "x");
            scratch.sync();
        }
        assertFalse(Files.exists(directory));
    }

    @Test
    void shouldBeGoneWhenTheProcessEndsWithoutClosingIt() throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), Leaver.class.getName()).start();
        final String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor());
        assertTrue(said.contains("millrace-benchmark-"), said);
        assertFalse(Files.exists(Path.of(said)), said);
    }

    /** Makes a folder and ends. */
    static final class Leaver {
        private Leaver() {
        }

        public static void main(final String[] args) throws IOException {
            final Path directory = Scratch.inMemory().directory();
            Files.writeString(directory.resolve("buffer"), "x");
            System.out.println(directory);
        }
    }
}
