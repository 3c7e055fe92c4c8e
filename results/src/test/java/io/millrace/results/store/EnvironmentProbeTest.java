package io.millrace.results.store;

import io.millrace.results.model.Environment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EnvironmentProbeTest {
    @TempDir
    private Path temp;

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldDescribeThisMachine() throws IOException, InterruptedException {
        final Environment env = EnvironmentProbe.capture(temp.resolve("not/yet/there"));
        assertNotNull(env.cpu());
        assertTrue(env.cores() > 0 && env.memoryBytes() > 1 << 20, env.toString());
        assertTrue(env.disk().totalBytes() > 0 && env.disk().mount().startsWith("/"), env.toString());
        assertEquals(64, env.fingerprint().length());
        final Process cat = new ProcessBuilder("cat", "/proc/sys/net/core/rmem_max").start();
        try (BufferedReader reader =
            new BufferedReader(new InputStreamReader(cat.getInputStream(), StandardCharsets.UTF_8))) {
            final String expected = reader.readLine();
            assertEquals(expected, env.rmemMaxBytes() == null ? null : env.rmemMaxBytes().toString());
        }
        cat.waitFor();
    }

    @Test
    void shouldTellMachinesApartByFingerprintOnly() {
        final Environment env = EnvironmentProbe.capture(temp);
        assertEquals(env.fingerprint(), EnvironmentProbe.capture(temp).fingerprint());
        final Environment elsewhere = EnvironmentProbe.capture(null);
        assertNull(elsewhere.disk());
        assertNotEquals(env.fingerprint(), elsewhere.fingerprint());
    }
}
