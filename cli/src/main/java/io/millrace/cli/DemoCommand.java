package io.millrace.cli;

import io.millrace.cli.cluster.ClusterLayout;
import io.millrace.cli.cluster.LocalCluster;
import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The first path: a cluster, a comparison of acks=leader with acks=all, a report. Owned by the main thread. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
        "Start three brokers, compare acks=leader with acks=all at replication factor 3, write a report.",
        "Takes three to four minutes. The brokers are stopped and their data is removed at the end, also after Ctrl-C; "
            + "the result stays."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:the report was written and nothing acknowledged was lost; it says itself which runs are valid",
        " 1:internal error",
        " 2:bad option, or not enough disk",
        " 3:the cluster did not start or does not answer",
        " 5:acknowledged records lost, doubled, out of order or damaged",
        "130:interrupted; the partial result is kept"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace demo",
        "  millrace demo --out /tmp/first-look",
    })
final class DemoCommand implements Callable<Integer> {
    private static final int RUN_INVALID = 4;
    private static final int FIRST_OTHER_BASE_PORT = 19_092;
    private static final int OTHER_BASE_PORT_COUNT = 20;
    private static final int BASE_PORT_STEP = 100;
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");
    /** Four pairs, so that the confidence intervals mean something; short enough to end within four minutes. */
    private static final List<String> WORKLOAD = List.of("--pairs", "4", "--rate", "10k", "--record-size", "1KiB",
        "--partitions", "6", "--replication-factor", "3", "--warmup", "4s", "--duration", "12s");

    @Spec
    private CommandSpec spec;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
        description = "Directory of the result, new or empty. Default: results/runs/demo-<time>")
    private Path out;

    @Option(names = "--base-port", paramLabel = "PORT",
        description = "Kafka port of the first broker. Default: " + ClusterLayout.DEFAULT_BASE_PORT
            + ", or a free one when that is in use")
    private Integer basePort;

    @Override
    public Integer call() throws IOException {
        final PrintWriter console = spec.commandLine().getOut();
        final long startNs = System.nanoTime();
        final Path result =
            out != null ? out : Path.of("results", "runs", "demo-" + TIMESTAMP.format(LocalDateTime.now()));
        final int port = basePort != null ? basePort : choosePort(console);
        console.println("Demo, step 1 of 2: three brokers on 127.0.0.1:" + port + " to " + (port + 2)
            + ", acks=leader against acks=all, four runs each");
        console.flush();
        final int benchExit = execute(benchArguments(port, result));
        if (benchExit != ExitCodes.OK && benchExit != RUN_INVALID && benchExit != ExitCodes.RECORDS_LOST) {
            console.println("Demo: no report, the comparison ended with exit code " + benchExit + ", see above.");
            return benchExit;
        }
        console.println("Demo, step 2 of 2: the report");
        console.flush();
        final int reportExit = execute(List.of("report", result.toString()));
        console.printf("Demo ended after %d s.%n", Duration.ofNanos(System.nanoTime() - startNs).toSeconds());
        if (benchExit == RUN_INVALID) {
            console.println("At least one run is marked invalid; the report says which and why. On a busy machine try "
                + "again when it is quiet.");
        }
        console.flush();
        if (reportExit != ExitCodes.OK) {
            return reportExit;
        }
        return benchExit == RUN_INVALID ? ExitCodes.OK : benchExit;
    }

    static List<String> benchArguments(final int port, final Path result) {
        final List<String> arguments = new java.util.ArrayList<>(List.of("bench", "ab", "--a", "acks=leader",
            "--b", "acks=all", "--base-port", Integer.toString(port), "--out", result.toString()));
        arguments.addAll(WORKLOAD);
        return arguments;
    }

    private static int execute(final List<String> arguments) {
        return Main.commandLine().execute(arguments.toArray(String[]::new));
    }

    private static int choosePort(final PrintWriter console) throws IOException {
        if (isFree(ClusterLayout.DEFAULT_BASE_PORT)) {
            return ClusterLayout.DEFAULT_BASE_PORT;
        }
        for (int i = 0; i < OTHER_BASE_PORT_COUNT; i++) {
            final int port = FIRST_OTHER_BASE_PORT + i * BASE_PORT_STEP;
            if (isFree(port)) {
                console.println("Demo: port " + ClusterLayout.DEFAULT_BASE_PORT + " or one of those derived from it is "
                    + "in use, taking base port " + port);
                return port;
            }
        }
        throw new UserError("no free base port: tried " + ClusterLayout.DEFAULT_BASE_PORT + " and "
            + OTHER_BASE_PORT_COUNT + " from " + FIRST_OTHER_BASE_PORT + " on", "Name one with --base-port.");
    }

    private static boolean isFree(final int port) throws IOException {
        return LocalCluster.arePortsFree(ClusterLayout.of(Path.of("."), port));
    }
}
