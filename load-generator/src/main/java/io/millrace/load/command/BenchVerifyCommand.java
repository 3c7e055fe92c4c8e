package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.KafkaBackend;
import io.millrace.load.run.ResultCheck;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.TopicCheck;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.ResultsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.agrona.concurrent.SystemNanoClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a result directory, or reads a topic back. Main thread. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
        "Check that the files of a result agree with each other, and say what it found; or read a topic back and check "
            + "every record: checksum, partition, order, duplicates, holes."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:the result is whole and valid, or the topic correct",
        " 1:the files of the result disagree",
        " 2:bad option, no result there or none that can be read, or no such topic",
        " 3:the cluster does not answer",
        " 4:the run is invalid",
        " 5:records lost, doubled, out of order or damaged",
        " 99:a service level was not met",
        "130:the run was interrupted"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench verify bench-results/20260131-120000",
        "  millrace bench verify --bootstrap-server 127.0.0.1:9092 --topic events"})
public final class BenchVerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "RUN_DIR", description = "A result directory.")
    private Path dir;

    @Option(names = "--bootstrap-server", paramLabel = "H:P[,H:P...]", description = "Cluster the topic is in.")
    private String bootstrapServer;

    @Option(names = "--topic", paramLabel = "NAME", description = "Topic that load runs have written to.")
    private String topic;

    /** Picocli makes the instance. */
    public BenchVerifyCommand() {
    }

    @Override
    public Integer call() {
        if ((dir == null) == (topic == null)) {
            throw new ParameterException(spec.commandLine(), "verify: name either a result directory, or a topic with "
                + "--topic and --bootstrap-server");
        }
        final BenchSession session = new BenchSession(spec.commandLine(), new WorkloadOptions());
        return session.execute(Path.of("."), true, dir != null ? this::result : () -> topic(session));
    }

    private int result() {
        final ResultCheck check;
        try {
            check = ResultCheck.of(dir);
        } catch (final ResultsException ex) {
            throw new WorkloadException(ex.getMessage());
        }
        final PrintWriter out = spec.commandLine().getOut();
        CellPrinter.row(out, "result", dir.toString(), check.document());
        if (check.document().verify() == null) {
            out.println("nothing was read back when it ran");
        } else {
            out.println("read back: " + check.document().verify());
        }
        check.problems().forEach(problem -> out.println("problem: " + problem));
        out.flush();
        final int exitCode = RunReport.stored(dir, check.document()).exitCode();
        return check.problems().isEmpty() ? exitCode : ExitCodes.worse(exitCode, ExitCodes.INTERNAL);
    }

    private int topic(final BenchSession session) {
        if (bootstrapServer == null) {
            throw new WorkloadException("bootstrap-server: none; say where topic " + topic + " is");
        }
        Addresses.check(bootstrapServer);
        final TopicCheck.Found found = TopicCheck.read(
            new KafkaBackend(bootstrapServer, SystemNanoClock.INSTANCE), topic, session.stop()::isInterrupted);
        final PrintWriter out = spec.commandLine().getOut();
        out.printf(Locale.ROOT, "%,d records of %d runs: corrupt %d, duplicates %d, reordered %d, missing in between "
            + "%d (lost, or never acknowledged: only the run itself can tell)%n", found.records(), found.runs(),
            found.corrupt(), found.duplicates(), found.reordered(), found.gaps());
        found.findings().forEach(finding -> out.println("  " + finding));
        out.flush();
        return session.stop().isInterrupted() ? ExitCodes.INTERRUPTED
            : found.isCorrect() ? ExitCodes.OK : ExitCodes.INCORRECT;
    }
}
