package io.millrace.load.command;

import io.millrace.load.convert.Conversion;
import io.millrace.load.convert.KafkaPerfImport;
import io.millrace.load.convert.OmbImport;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a workload file of what other load generators call a workload. Main thread. */
@Command(
    name = "convert",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Make a workload file of an OpenMessaging Benchmark workload, or of a command line of "
            + "kafka-producer-perf-test.",
        "What has no equivalent, or is not quite the same, stands as comments in the file and goes to standard error."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:converted; the file can be run",
        " 2:the file cannot be read, or makes no sense; with --strict also: something has no equivalent"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench convert --from omb workloads/1-topic-16-partitions-1kb.yaml \\",
        "    --driver-file driver-kafka/kafka-latency.yaml -o mine.yaml",
        "  millrace bench convert --from kafka-perf command.txt -o mine.yaml",
        "  millrace bench run mine.yaml"})
public final class BenchConvertCommand implements Callable<Integer> {
    private static final long MAX_LENGTH = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(order = 0, names = "--from", required = true, paramLabel = "TOOL",
        description = "omb (OpenMessaging Benchmark: a workload file) or kafka-perf (kafka-producer-perf-test: a "
            + "command line, or its properties).")
    private String from;

    @Option(order = 1, names = "--driver-file", paramLabel = "FILE",
        description = "With omb: its driver file, for replicas, acks, batches and addresses.")
    private Path driverFile;

    @Option(order = 2, names = {"-o", "--out"}, paramLabel = "FILE",
        description = "Where to write; never overwritten (default: standard output).")
    private Path out;

    @Option(order = 3, names = "--strict", description = "End with 2 if anything is not the same.")
    private boolean isStrict;

    @Parameters(paramLabel = "FILE", description = "What to convert.")
    private Path file;

    /** Picocli makes the instance. */
    public BenchConvertCommand() {
    }

    @Override
    public Integer call() {
        try {
            final Conversion conversion = convert();
            final String yaml = conversion.yaml();
            WorkloadFile.parse(yaml, "converted"); // what is written can be run
            if (out == null) {
                spec.commandLine().getOut().print(yaml);
                spec.commandLine().getOut().flush();
            } else {
                Files.writeString(out, yaml, java.nio.file.StandardOpenOption.CREATE_NEW);
            }
            conversion.remarks().forEach(remark -> spec.commandLine().getErr().println("not the same: " + remark));
            return isStrict && !conversion.remarks().isEmpty() ? ExitCodes.USAGE : ExitCodes.OK;
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        } catch (final IOException ex) {
            throw new ParameterException(spec.commandLine(), "out: value=" + out + " cannot be written: " + ex
                + "; name a new file", ex);
        }
    }

    private Conversion convert() {
        final Path directory = file.toAbsolutePath().getParent();
        switch (from) {
            case "omb":
                return OmbImport.convert(read(file), file.toString(), directory,
                    driverFile == null ? null : read(driverFile), String.valueOf(driverFile));
            case "kafka-perf":
                if (driverFile != null) {
                    throw new WorkloadException("driver-file: value=" + driverFile + " goes with --from omb only");
                }
                return KafkaPerfImport.convert(read(file), file.toString(), directory);
            default:
                throw new WorkloadException("from: value=" + from + " is none of omb, kafka-perf");
        }
    }

    private static String read(final Path path) {
        try {
            if (Files.isDirectory(path) || Files.size(path) > MAX_LENGTH) {
                throw new WorkloadException("convert: " + path + " is a directory or longer than " + MAX_LENGTH
                    + " bytes; name one file");
            }
            return Files.readString(path);
        } catch (final IOException ex) {
            throw new WorkloadException("convert: " + path + " cannot be read: " + ex + "; name another");
        }
    }
}
