package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.target.TargetOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(400)
class ClusterProcessTest {
    @TempDir
    private Path dir;

    @AfterEach
    void forgetTheCommand() {
        System.clearProperty("millrace.command");
    }

    @Test
    void shouldStartAndStopThroughTheCommand() throws IOException {
        final Path data = dir.resolve("data");
        command("echo \"$@\" >> " + dir.resolve("calls") + "; mkdir -p " + data + "/node-1; echo up > "
            + data + "/node-1/broker.log");
        final ClusterProcess cluster = ClusterProcess.start(options(data, 23_456));
        assertEquals("127.0.0.1:23456,127.0.0.1:23457,127.0.0.1:23458", cluster.bootstrap());
        final Path logs = Files.createDirectory(dir.resolve("logs"));
        cluster.copyLogs(logs);
        cluster.close();
        cluster.close();
        assertEquals("cluster start --data " + data + " --base-port 23456 --brokers 3 --set millrace.hiccup.meter=true"
            + "\ncluster stop --data " + data + " --base-port 23456\n", Files.readString(dir.resolve("calls")));
        assertTrue(Files.exists(data), "a directory of the user's is kept");
        assertEquals("up\n", Files.readString(logs.resolve("node-1-broker.log")));
    }

    @Test
    void shouldPassOnWhyAClusterDidNotStart() throws IOException {
        command("[ \"$2\" = stop ] && exit 0; echo port 23456 is in use; exit 3");
        final RunRefusedException refused =
            assertThrows(RunRefusedException.class, () -> ClusterProcess.start(options(dir.resolve("data"), 23_456)));
        assertEquals(ExitCodes.UNREACHABLE, refused.exitCode());
        assertTrue(refused.getMessage().contains("port 23456 is in use"), refused.getMessage());
    }

    @Test
    void shouldEndWhatItStartsWhenTheUserStopsIt() throws IOException {
        final Path calls = dir.resolve("calls");
        command("echo $$ > " + dir.resolve("pid-") + "$2; echo $2 >> " + calls
            + "; [ \"$2\" = stop ] && exit 0; exec sleep 600");
        final TargetOptions options = new TargetOptions(dir.resolve("data"), 23_456, 3, Map.of(), List.of(), List.of(),
            () -> isWritten(calls));
        final RunRefusedException refused =
            assertThrows(RunRefusedException.class, () -> ClusterProcess.start(options)); // not after the sleep
        assertEquals(ExitCodes.INTERRUPTED, refused.exitCode());
        assertTrue(refused.getMessage().contains("stopped while the local cluster"), refused.getMessage());
        assertEquals("start\nstop\n", Files.readString(calls));
        final long pid = Long.parseLong(Files.readString(dir.resolve("pid-start")).strip());
        assertFalse(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false), "what was starting is gone");
    }

    /** A shell makes the file first and writes then. */
    private static boolean isWritten(final Path file) {
        try {
            return Files.exists(file) && Files.size(file) > 0;
        } catch (final IOException ex) {
            throw new UncheckedIOException(ex);
        }
    }

    @Test
    void shouldSayWhatToDoWithoutALauncher() {
        System.setProperty("millrace.command", dir.resolve("nowhere").toString());
        final RunRefusedException refused =
            assertThrows(RunRefusedException.class, () -> ClusterProcess.start(options(null, 0)));
        assertTrue(refused.getMessage().contains("--bootstrap-server"), refused.getMessage());
    }

    private static TargetOptions options(final Path data, final int basePort) {
        return new TargetOptions(data, basePort, 3, Map.of());
    }

    private void command(final String body) throws IOException {
        final Path script = dir.resolve("millrace");
        Files.writeString(script, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        System.setProperty("millrace.command", script.toString());
    }
}
