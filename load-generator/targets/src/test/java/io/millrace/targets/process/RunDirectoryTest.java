package io.millrace.targets.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    private Path dir;

    @Test
    void shouldStartWithoutDataAndKeepItWhenTheDirectoryIsTheUsers() throws IOException {
        final Path first;
        try (RunDirectory directory = RunDirectory.open(dir.resolve("mine"), "kafka")) {
            first = directory.path();
            Files.writeString(first.resolve("kafka.out"), "said");
            Files.writeString(first.resolve("segment"), "data");
            directory.copyLogs(dir.resolve("logs"));
        }
        assertTrue(Files.exists(first.resolve("segment")));
        try (Stream<Path> logs = Files.list(dir.resolve("logs"))) {
            assertEquals(List.of("kafka.out"), logs.map(log -> log.getFileName().toString()).toList());
        }
        try (RunDirectory directory = RunDirectory.open(dir.resolve("mine"), "kafka")) {
            assertNotEquals(first, directory.path());
            try (Stream<Path> content = Files.list(directory.path())) {
                assertEquals(0, content.count());
            }
        }
    }

    @Test
    void shouldNameThePackageWhenAServerIsMissing() {
        final String message = assertThrows(TargetUnreachableException.class,
            () -> Programs.require("no-such-server", "such-package")).getMessage();
        assertTrue(message.contains("no-such-server") && message.contains("apt-get install such-package"), message);
    }
}
