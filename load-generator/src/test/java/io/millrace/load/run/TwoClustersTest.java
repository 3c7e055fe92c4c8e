package io.millrace.load.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.FakeBroker.Fault;
import io.millrace.results.store.ExperimentStore;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Timeout(600)
class TwoClustersTest {
    @TempDir
    private Path dir;

    private final StringWriter err = new StringWriter();

    @Test
    void shouldSendEachSideToItsOwnClusterWhenSideBNamesAnother() {
        try (FakeBroker a = new FakeBroker(i -> Fault.NONE); FakeBroker b = new FakeBroker(i -> Fault.NONE)) {
            final int exitCode = ab("--a", "acks=all", "--b", "acks=all", "--pairs", "1", "-R", "1000", "-n", "500",
                "-w", "0s", "-q", "-r", "1", "-p", "1", "--bootstrap-server", a.address(),
                "--bootstrap-server-b", b.address(), "-o", dir.resolve("out").toString());
            assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err.toString());
            assertEquals(1, a.deletedTopics.size(), "topics of side A");
            assertEquals(1, b.deletedTopics.size(), "topics of side B");
            assertTrue(ExperimentStore.read(dir.resolve("out")).legs().get(1).label().endsWith(b.address()));
        }
    }

    @Test
    void shouldRefuseWhenSideAHasNoClusterOrTheAddressIsNone() {
        assertEquals(ExitCodes.USAGE, ab("--a", "acks=all", "--b", "acks=all", "--bootstrap-server-b", "127.0.0.1:1"));
        assertTrue(err.toString().contains("add --bootstrap-server"), err.toString());
        assertEquals(ExitCodes.USAGE, ab("--a", "acks=all", "--b", "acks=all", "--bootstrap-server", "127.0.0.1:1",
            "--bootstrap-server-b", "there"));
        assertTrue(err.toString().contains("is not host:port"), err.toString());
    }

    private int ab(final String... arguments) {
        final String[] all = new String[arguments.length + 1];
        all[0] = "ab";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return new CommandLine(new BenchCommand()).setErr(new PrintWriter(err)).setOut(new PrintWriter(err))
            .execute(all);
    }
}
