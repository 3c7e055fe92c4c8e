package io.millrace.system.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.ExitCodes;
import io.millrace.system.history.Anomaly;
import io.millrace.system.history.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command's words, and what it keeps. */
class ChaosMainTest {
    @TempDir
    private Path directory;

    @Test
    void shouldExplainWhenAWordIsWrong() throws Exception {
        assertTrue(printed(ExitCodes.USAGE, "--faults", "kill,earthquake").contains("no such fault: earthquake"));
        assertTrue(printed(ExitCodes.USAGE, "--cycles", "0").contains("--cycles=0, allowed are 1 to"));
        assertTrue(printed(ExitCodes.USAGE, "--seed").contains("option without a value: --seed"));
        assertTrue(printed(ExitCodes.USAGE, "failover", "--bootstrap-server", "127.0.0.1:1").contains("--node-pid"));
        assertTrue(printed(ExitCodes.OK, "--help").contains("--faults"));
        assertTrue(printed(ExitCodes.OK, "failover", "--help").contains("--kills"));
    }

    private static String printed(final int exitCode, final String... words) throws Exception {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(exitCode, ChaosMain.run(List.of(words), new PrintStream(out, true)));
        return out.toString();
    }

    @Test
    void shouldGoOnWithWholeRoundsWhenTheDirectoryHasSome() throws Exception {
        final RoundOptions options = new RoundOptions(3, List.of(FaultKind.KILL), 10, directory, Map.of("a", "b"));
        final RunStore store = RunStore.open(directory.resolve("run"), options);
        final Verdict verdict = new Verdict(Map.of(Anomaly.LOST_WRITE, 2L), List.of("LOST_WRITE: that one"), 5, 4, 1,
            0, 0, 9, 4, 0, 2, 1, 1, List.of());
        final CycleResult cycle = new CycleResult(0, "kill", "leader", List.of(2), 4, true, "then", 10, "gone",
            "back", 20, 30, List.of(30L, 1L), CycleResult.OK, null);
        final RoundResult round = new RoundResult(0, 0, List.of(cycle), "then", 100, verdict,
            Map.of("x TimeoutException", 1L), Map.of(), 77, List.of());
        store.add(round);
        assertEquals(List.of(round), RunStore.open(directory.resolve("run"), options).rounds());
        assertTrue(round.isFailed() && round.isIncorrect());
        final String summary = Files.readString(directory.resolve("run/summary.md"));
        assertTrue(summary.contains("| kill leader | 1 | 1 | 30 | 30 | 20 | 20 |"), summary);
        assertTrue(summary.contains("LOST_WRITE: that one"), summary);
    }

    @Test
    void shouldRefuseOtherOptionsWhenTheDirectoryHasARun() throws Exception {
        final RoundOptions options = new RoundOptions(3, List.of(FaultKind.KILL), 10, directory, Map.of());
        RunStore.open(directory, options);
        final IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> RunStore.open(
            directory, new RoundOptions(4, List.of(FaultKind.KILL), 10, directory, Map.of())));
        assertTrue(refused.getMessage().contains("seed=3, asked for 4"), refused.getMessage());
    }

    @Test
    void shouldTakeAwayWhatAKilledRunLeftWhenTheNextOneBegins() throws Exception {
        final Process process = new ProcessBuilder("sleep", "600").start();
        final Path shared = Files.createDirectories(directory.resolve("shared/below"));
        final Path file = directory.resolve("outside.txt");
        final Leftovers killed = Leftovers.open(file);
        killed.noteProcess(process.pid());
        killed.note(Leftovers.Kind.DIRECTORY, shared.getParent().toString());
        killed.note(Leftovers.Kind.PROCESS, ProcessHandle.current().pid() + " 1"); // its pid is another's by now
        Leftovers.open(file).close();
        assertTrue(process.waitFor(120, java.util.concurrent.TimeUnit.SECONDS));
        assertTrue(!Files.exists(shared) && !Files.exists(file));
    }
}
