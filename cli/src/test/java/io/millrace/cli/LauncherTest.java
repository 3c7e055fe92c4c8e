package io.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the launchers choose a JDK. */
@Timeout(300)
class LauncherTest {
    private static final Path SCRIPT = Path.of("src/main/dist/bin/find-java.sh").toAbsolutePath();

    @TempDir
    private Path directory;

    @Test
    void shouldTakeJavaHomeWhenItIsNewEnough() throws Exception {
        final Path home = java("chosen", "21.0.2", true);
        assertEquals("0 21 " + home, find("jdk", Map.of("JAVA_HOME", home.toString())));
    }

    @Test
    void shouldNameTheVersionWhenJavaHomeIsTooOld() throws Exception {
        final Path home = java("old", "11.0.22", true);
        final String answer = find("jdk", Map.of("JAVA_HOME", home.toString()));
        assertTrue(answer.startsWith("1 "), answer);
        assertTrue(answer.contains("is Java 11.0.22; Millrace needs 17 or newer"), answer);
    }

    @Test
    void shouldUnderstandTheOldWayOfCountingWhenJavaHomeIsEight() throws Exception {
        final String answer = find("java", Map.of("JAVA_HOME", java("eight", "1.8.0_392", true).toString()));
        assertTrue(answer.contains("is Java 1.8.0_392; Millrace needs 17 or newer"), answer);
    }

    @Test
    void shouldAskForACompilerWhenBuilding() throws Exception {
        final Path home = java("runtime", "17.0.9", false);
        assertEquals("0 17 " + home, find("java", Map.of("JAVA_HOME", home.toString())));
        final String answer = find("jdk", Map.of("JAVA_HOME", home.toString()));
        assertTrue(answer.contains("has no bin/java and bin/javac"), answer);
    }

    @Test
    void shouldTakeTheNewestWhenJavaHomeIsNotSet() throws Exception {
        java("candidates/java/90", "90.0.1", true);
        final Path newest = java("candidates/java/101", "101.0.1", true);
        assertEquals("0 101 " + newest, find("jdk", Map.of("SDKMAN_DIR", directory.toString())));
    }

    private Path java(final String name, final String version, final boolean hasCompiler) throws IOException {
        final Path bin = directory.resolve(name).resolve("bin");
        Files.createDirectories(bin);
        executable(bin.resolve("java"));
        if (hasCompiler) {
            executable(bin.resolve("javac"));
        }
        Files.writeString(bin.resolveSibling("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        return bin.getParent();
    }

    private static void executable(final Path file) throws IOException {
        Files.writeString(file, "#!/bin/sh\nexit 9\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static String find(final String need, final Map<String, String> environment)
        throws IOException, InterruptedException {
        final ProcessBuilder builder = new ProcessBuilder("bash", "-c", "set -euo pipefail; . '" + SCRIPT
            + "'; find_java 17 " + need + "; echo \"$MILLRACE_JAVA_MAJOR $MILLRACE_JAVA_HOME\"");
        builder.environment().remove("JAVA_HOME");
        builder.environment().putAll(environment);
        final Process process = builder.redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        return process.exitValue() + " " + output;
    }
}
