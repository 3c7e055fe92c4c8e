package io.millrace.targets.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A script stands in for Maven. */
class KafkaJarsTest {
    @TempDir
    private Path dir;
    private final List<String> said = new ArrayList<>();

    @Test
    void shouldFetchOnceWhenTheCacheIsEmpty() throws IOException {
        final Path cache = dir.resolve("cache");
        final KafkaJars jars = new KafkaJars(cache, maven("""
            for word in "$@"; do
              case $word in -DoutputDirectory=*) lib=${word#*=} ;; esac
            done
            mkdir -p "$lib"
            grep -o 'kafka_2.13</artifactId><version>[^<]*' pom.xml | sed 's/.*>//' | while read -r version; do
              touch "$lib/kafka_2.13-$version.jar"
            done
            """));
        assertTrue(jars.classPath(said::add, () -> false).endsWith("*"));
        assertEquals(1, said.size(), said.toString());
        assertTrue(Files.exists(jars.directory().resolve("kafka_2.13-" + jars.version() + ".jar")));
        new KafkaJars(cache, null).classPath(said::add, () -> false);
        assertEquals(1, said.size(), said.toString());
        try (Stream<Path> files = Files.list(cache)) {
            assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith("fetch-")));
        }
    }

    @Test
    void shouldNameTheRemedyWhenThereIsNoMaven() {
        final KafkaJars jars = new KafkaJars(dir, null);
        final String message =
            assertThrows(TargetUnreachableException.class, () -> jars.classPath(said::add, () -> false)).getMessage();
        assertTrue(message.contains("apt-get install maven") && message.contains("--bootstrap-server"), message);
    }

    @Test
    void shouldShowWhatMavenSaysAndLeaveNothingWhenItFails() throws IOException {
        final KafkaJars jars = new KafkaJars(dir, maven("echo '[ERROR] Unknown host repo'; exit 1\n"));
        final String message =
            assertThrows(TargetUnreachableException.class, () -> jars.classPath(said::add, () -> false)).getMessage();
        assertTrue(message.contains("Unknown host") && message.contains("network"), message);
        assertFalse(Files.exists(jars.directory()));
    }

    @Test
    void shouldEndMavenAndLeaveNothingWhenTheUserStopsIt() throws IOException {
        final Path pid = dir.resolve("pid");
        final KafkaJars jars = new KafkaJars(dir.resolve("cache"), maven("echo $$ > " + pid + ".new; mv " + pid
            + ".new " + pid + "; exec sleep 80\n"));
        final String message = assertThrows(TargetUnreachableException.class,
            () -> jars.classPath(said::add, () -> Files.exists(pid))).getMessage();
        assertTrue(message.contains("stopped while"), message);
        assertFalse(Files.exists(jars.directory()));
        assertFalse(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).map(ProcessHandle::isAlive)
            .orElse(false), "Maven is gone");
        try (Stream<Path> files = Files.list(dir.resolve("cache"))) {
            assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith("fetch-")));
        }
    }

    private Path maven(final String body) throws IOException {
        final Path script = dir.resolve("mvn");
        Files.writeString(script, "#!/bin/bash\n" + body);
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
