package io.millrace.broker.command;

import io.millrace.engine.io.ReadOnlyLogStorage;
import io.millrace.engine.log.Finding;
import io.millrace.engine.log.ShardVerifier;
import io.millrace.engine.log.VerifyTotals;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemNanoClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks every byte of the logs named. Owned by the main thread. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
        "Checks every byte of a node's logs, or of single shards: each frame's and batch's CRC, the chain of frames,"
            + " positions, epochs, dense offsets, the state frames against what precedes them, the index files against"
            + " the segments, the checkpoint.",
        "Reads only. Findings go to standard output, one a line, with file, position, what was expected and found."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "0:everything is sound",
        "1:something is wrong, or a file could not be read",
        "2:nothing was checked: no log there, or a node runs on it"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace log verify ~/.millrace/cluster-9092/node-1/data    all shards of a node",
        "  millrace log verify node-1/data/shard-0 node-2/data/shard-0",
        "  millrace log verify --live node-1/data                      while the node runs"})
public final class LogVerifyCommand implements Callable<Integer> {
    private static final int SOUND = 0;
    private static final int DAMAGED = 1;
    private static final long PROGRESS_INTERVAL_NS = TimeUnit.SECONDS.toNanos(2);

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "A node's data directory, or a shard's directory.")
    private List<Path> directories;

    @Option(names = "--live", description = "Looks beside a running node: only at segments that it writes no more.")
    private boolean isLive;

    @Option(names = "--max-findings", paramLabel = "N", defaultValue = "1000",
        description = "Stops a shard after so many findings (default: ${DEFAULT-VALUE}).")
    private long maxFindingCount;

    @Option(names = {"-q", "--quiet"}, description = "Prints findings only: no notes, no progress, no sums.")
    private boolean isQuiet;

    @Spec
    private CommandSpec spec;

    private final NanoClock clock;

    /** Picocli makes the instance. */
    public LogVerifyCommand() {
        this(SystemNanoClock.INSTANCE);
    }

    LogVerifyCommand(final NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final VerifyTotals sum = new VerifyTotals();
        int shardCount = 0;
        try (LogFolders folders = new LogFolders(spec.commandLine())) {
            for (final Path directory : directories) {
                folders.add(directory);
            }
            if (!isLive) {
                folders.lock();
            }
            for (final Path shard : folders.shards()) {
                final VerifyTotals totals = new Verification(shard).run();
                sum.add(totals);
                shardCount++;
                if (!isQuiet) {
                    out.println(shard + ": " + describe(totals));
                }
                out.flush();
            }
        }
        if (!isQuiet && shardCount > 1) {
            out.println(shardCount + " shards: " + describe(sum));
        }
        out.flush();
        return sum.findingCount() == 0 ? SOUND : DAMAGED;
    }

    private static String describe(final VerifyTotals totals) {
        return (totals.findingCount() == 0 ? "sound" : totals.findingCount() + " findings") + ", segments="
            + totals.segmentCount() + " bytes=" + totals.verifiedLength() + " frames=" + totals.frameCount()
            + " batches=" + totals.batchCount() + " records=" + totals.recordCount()
            + (totals.unreadableLength() == 0 ? "" : " unreadable bytes=" + totals.unreadableLength());
    }

    /** One shard. */
    private final class Verification implements ShardVerifier.Listener {
        private final Path shard;
        private final ShardVerifier verifier;
        private long findingCount;
        private long saidNs = clock.nanoTime();

        Verification(final Path shard) {
            this.shard = shard;
            verifier = new ShardVerifier(new ReadOnlyLogStorage(shard), ShardState::new, this, isLive);
        }

        VerifyTotals run() throws IOException {
            final VerifyTotals totals = verifier.run();
            if (verifier.isStopped()) {
                onNote("stopped after " + findingCount + " findings; --max-findings sets how many");
            }
            return totals;
        }

        @Override
        public void onFinding(final Finding finding) {
            findingCount++;
            if (findingCount <= maxFindingCount) {
                spec.commandLine().getOut().println(shard + "/" + finding);
            }
        }

        @Override
        public void onNote(final String note) {
            if (!isQuiet) {
                spec.commandLine().getErr().println("note: " + shard + ": " + note);
            }
        }

        @Override
        public boolean onProgress(final long doneLength, final long totalLength) {
            final long nowNs = clock.nanoTime();
            if (!isQuiet && nowNs - saidNs >= PROGRESS_INTERVAL_NS) {
                saidNs = nowNs;
                final PrintWriter err = spec.commandLine().getErr();
                err.println(String.format(Locale.ROOT, "%s: %d of %d MB", shard, doneLength >> 20, totalLength >> 20));
                err.flush();
            }
            return findingCount < maxFindingCount;
        }
    }
}
