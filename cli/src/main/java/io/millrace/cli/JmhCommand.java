package io.millrace.cli;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import io.millrace.results.model.GitRevision;
import io.millrace.results.model.ResultsException;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.EnvironmentProbe;
import io.millrace.results.store.JmhRunWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/**
 * Hands its arguments to the JMH jar in a process of its own, so that JMH's forks inherit nothing from this one, and
 * keeps a run directory around JMH's result. Main thread, but for the shutdown hook.
 */
@Command(
    name = "jmh",
    description = {
        "Run the JMH benchmarks; every argument but the options below goes to JMH unchanged.",
        "The result is a directory with JMH's JSON, the environment and the command line, also after Ctrl-C. Without "
            + "that directory: java -jar jmh-benchmarks/target/benchmarks.jar"},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        "  0:JMH ended well",
        "  1:JMH or one of the benchmarks failed, see its output",
        "130:interrupted; what was measured until then is kept"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace jmh -l                            list the benchmarks",
        "  millrace jmh RingToFile -p length=1024     run one of them",
        "  millrace jmh Link -prof gc -f 5            with bytes allocated per operation, in five forks",
        "  millrace jmh -h                            JMH's own options",
        "  millrace report results/runs/jmh-...       the result as one HTML file",
    })
final class JmhCommand implements Callable<Integer> {
    /** Read by the benchmarks' main class; not a JVM flag, which JMH would hand on to its forks. */
    private static final String RESULT_VARIABLE = "MILLRACE_JMH_RESULT";
    private static final long SHUTDOWN_GRACE_S = 10;
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    @Option(names = "--out", paramLabel = "DIR",
        description = "Directory of the result, new or empty. Default: results/runs/jmh-<time>")
    private Path out;

    @Option(names = "--help", usageHelp = true, description = "Show this help; JMH's own is -h.")
    private boolean isHelpRequested;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    private final List<String> jmh;

    JmhCommand() {
        this(null);
    }

    /** For tests: starts something else in JMH's place. */
    JmhCommand(final List<String> jmh) {
        this.jmh = jmh;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        return run(jmh != null ? jmh : jmhOfThisBuild());
    }

    private static List<String> jmhOfThisBuild() {
        final String jar = System.getenv("MILLRACE_BENCHMARKS_JAR");
        if (jar == null || !Files.isRegularFile(Path.of(jar))) {
            throw new UserError(
                "the benchmarks jar was not found: MILLRACE_BENCHMARKS_JAR=" + jar,
                "Run ./millrace jmh in the source tree, which builds it, or set MILLRACE_BENCHMARKS_JAR to it.");
        }
        return List.of(ChildProcess.java(), "-jar", jar);
    }

    private int run(final List<String> start) throws IOException, InterruptedException {
        final Path dir = (out != null ? out
            : Path.of("results", "runs", "jmh-" + TIMESTAMP.format(LocalDateTime.now()))).toAbsolutePath().normalize();
        final JmhRunWriter writer;
        try {
            writer = JmhRunWriter.create(dir, header(dir));
        } catch (final ResultsException ex) {
            throw new UserError(ExitCodes.USAGE, ex.getMessage(), "Name a new directory with --out.");
        }
        final List<String> command = new ArrayList<>(start);
        command.addAll(arguments);
        final ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put(RESULT_VARIABLE, writer.resultFile().toString());
        final int exitCode = ChildProcess.run(builder, SHUTDOWN_GRACE_S, () -> interrupted(writer));
        if (exitCode == ChildProcess.GOING_DOWN) {
            return ExitCodes.INTERRUPTED; // the hook ends the run
        }
        end(exitCode, writer, dir);
        return exitCode;
    }

    /** Ctrl-C reaches JMH as well, which then writes what it has; a signal to this process alone is handed on. */
    private static void interrupted(final JmhRunWriter writer) {
        if (!Files.exists(writer.resultFile())) {
            writer.discard();
            return;
        }
        writer.finish(RunStatus.INTERRUPTED, List.of("Interrupted: benchmarks and iterations after that are missing."));
        final Path dir = writer.resultFile().getParent();
        System.err.println("millrace: interrupted; what was measured is in " + dir);
        System.err.println("  Report: millrace report " + dir);
        System.err.flush();
    }

    private void end(final int exitCode, final JmhRunWriter writer, final Path dir) {
        if (!Files.exists(writer.resultFile())) {
            writer.discard(); // help, a list, or a command line that JMH refused
            return;
        }
        final PrintWriter console = spec.commandLine().getOut();
        writer.finish(exitCode == 0 ? RunStatus.OK : RunStatus.FAILED, exitCode == 0 ? List.of()
            : List.of("JMH ended with exit code " + exitCode + "; its console output says why."));
        console.println();
        console.println("Result: " + dir);
        console.println("Report: millrace report " + dir);
        console.flush();
    }

    private RunHeader header(final Path dir) {
        final List<String> command = new ArrayList<>(List.of("millrace", "jmh"));
        command.addAll(arguments);
        return new RunHeader(UUID.randomUUID().toString(), null, null, null, 0, Instant.now(), command,
            new GitRevision(System.getProperty("millrace.git.sha", "unknown"),
                Boolean.getBoolean("millrace.git.dirty")), null, Map.of(), EnvironmentProbe.capture(dir));
    }
}
