package io.millrace.load.command;

import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.WorkloadYaml;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One run. Main thread. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Send records on a fixed schedule and measure how long each takes from its intended send time to its "
            + "acknowledgement; then read everything back and check it.",
        "Lengths take B, KiB, MiB, KB, MB; times ns, us, ms, s, m, h; rates and counts k, M."},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
        " 0:valid, nothing acknowledged lost",
        " 1:internal error",
        " 2:bad option, or not enough disk",
        " 3:the cluster does not answer",
        " 4:the run is invalid (rate missed, errors, machine stalled); its data is kept",
        " 5:acknowledged records lost, doubled, out of order or damaged",
        " 99:a service level was not met",
        "130:interrupted; the partial result is kept"},
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace bench run --rate 50k --record-size 100B --acks all --duration 60s",
        "  millrace bench run --bootstrap-server 127.0.0.1:9092 --rate 20k --driver java",
        "  millrace bench run --rate -1 --num-records 1M     as fast as the window allows",
        "  millrace bench run failover --set load.rate=20k    a preset, one value changed",
        "  millrace bench run --driver null --rate 500k      what the harness can do"})
public final class BenchRunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private WorkloadOptions options;

    /** Picocli makes the instance. */
    public BenchRunCommand() {
    }

    @Override
    public Integer call() {
        final Workload workload;
        try {
            workload = options.settings().build();
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
        final BenchSession session = new BenchSession(spec.commandLine(), options);
        final Path out = session.outDirectory();
        return session.execute(out, false, () -> {
            final RunIdentity identity = new RunIdentity(UUID.randomUUID(), out, null, null, null, 0,
                session.command(), WorkloadYaml.sha256(workload, List.of("topic")));
            final RunReport report = session.run(workload, null, identity);
            RunPrinter.print(report, workload, options.json, options.verbose, spec.commandLine().getOut());
            return report.exitCode();
        });
    }
}
