package io.millrace.system.chaos;

import io.millrace.load.run.ExitCodes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Rounds up to a count of cycles, from where the result directory says. Owned by the main thread. */
final class ChaosRun {
    private static final int FAILURE_LIMIT = 3;

    private final RoundOptions options;
    private final RunStore store;
    private final int roundCycles;
    private final boolean isKept;
    private final StopFlag stop;
    private final Consumer<String> console;

    ChaosRun(final RoundOptions options, final RunStore store, final int roundCycles, final boolean isKept,
        final StopFlag stop, final Consumer<String> console) {
        this.options = options;
        this.store = store;
        this.roundCycles = roundCycles;
        this.isKept = isKept;
        this.stop = stop;
        this.console = console;
    }

    /** {@return the exit code} */
    int run(final int cycleCount) throws IOException, InterruptedException {
        int done = 0;
        int failures = 0;
        List<RoundResult> rounds = store.rounds();
        for (final RoundResult round : rounds) {
            done += round.cycles().size();
        }
        if (done > 0) {
            console.accept("going on at cycle " + done + " of " + cycleCount + ", " + store.directory());
        }
        try (Leftovers leftovers = Leftovers.open(store.leftoversFile())) {
            while (done < cycleCount && !stop.isSet() && failures < FAILURE_LIMIT) {
                final int number = rounds.size();
                final Path directory = store.roundDirectory(number);
                Leftovers.delete(directory); // of a round that was cut off
                final RoundResult result = new ChaosRound(options,
                    cycle -> FaultPlan.of(options.seed(), cycle, options.kinds()), number, directory, leftovers, stop,
                    console).run(done, Math.min(roundCycles, cycleCount - done));
                store.add(result);
                tidy(result, directory);
                done += result.cycles().size();
                failures += result.isFailed() ? 1 : 0;
                console.accept("round " + number + ": " + (result.isFailed() ? "FAILED" : "ok") + ", cycles done "
                    + done + " of " + cycleCount + "; "
                    + (result.verdict() == null ? "no verdict" : result.verdict().describe())
                    + "; replicas the same in " + result.comparedBytes() + " bytes"
                    + (result.problems().isEmpty() ? "" : "; " + result.problems())
                    + (result.clientFaults().isEmpty() ? "" : "; " + result.clientFaults()));
                rounds = store.rounds();
            }
        }
        if (stop.isSet() && done < cycleCount) {
            console.accept("stopped at cycle " + done + "; the same command goes on there");
        }
        return exitCode(rounds, done < cycleCount && stop.isSet());
    }

    /** Of a good round only the brokers' logs stay. */
    private void tidy(final RoundResult result, final Path directory) throws IOException {
        if (result.isFailed() || isKept) {
            console.accept("history, data and logs of the round stay in " + directory);
            return;
        }
        Files.deleteIfExists(directory.resolve(ChaosRound.HISTORY_FILE));
        for (int id = 1; id <= ChaosCluster.NODE_COUNT; id++) {
            Leftovers.delete(directory.resolve("node-" + id).resolve("data"));
        }
    }

    private static int exitCode(final List<RoundResult> rounds, final boolean isInterrupted) {
        int code = isInterrupted ? ExitCodes.INTERRUPTED : ExitCodes.OK;
        for (final RoundResult round : rounds) {
            if (round.isIncorrect()) {
                code = ExitCodes.worse(code, ExitCodes.INCORRECT);
            } else if (round.isFailed()) {
                code = ExitCodes.worse(code, ExitCodes.INTERNAL);
            } else if (round.isInvalid()) {
                code = ExitCodes.worse(code, ExitCodes.INVALID);
            }
        }
        return code;
    }
}
