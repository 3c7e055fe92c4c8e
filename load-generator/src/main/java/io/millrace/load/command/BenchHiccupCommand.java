package io.millrace.load.command;

import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.IdleCheck;
import io.millrace.load.workload.Units;
import io.millrace.load.workload.WorkloadException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Stalls of an idle process: the control run of a machine. Main thread. */
@Command(
    name = "hiccup",
    mixinStandardHelpOptions = true,
    description = "Measure how late this machine wakes an idle thread: no latency measured here can be better.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {" 0:no stall that would spoil a run", " 2:bad option", " 4:stalls that make a run invalid"})
public final class BenchHiccupCommand implements Callable<Integer> {
    private static final long MAX_P99_NS = 50_000_000;
    private static final long MAX_NS = 1_000_000_000;

    @Spec
    private CommandSpec spec;

    @Option(names = {"-d", "--duration"}, paramLabel = "TIME", defaultValue = "10s",
        description = "How long to look (default: ${DEFAULT-VALUE}).")
    private String duration;

    /** Picocli makes the instance. */
    public BenchHiccupCommand() {
    }

    @Override
    public Integer call() {
        final long durationNs;
        try {
            durationNs = Units.durationNsOf("duration", duration);
        } catch (final WorkloadException ex) {
            throw new ParameterException(spec.commandLine(), ex.getMessage(), ex);
        }
        final Histogram stalls = IdleCheck.stalls(durationNs);
        final PrintWriter out = spec.commandLine().getOut();
        out.printf("stalls over %s: p50 %s  p99 %s  p99.9 %s  max %s%n", Units.duration(durationNs),
            Units.duration(stalls.getValueAtPercentile(50)), Units.duration(stalls.getValueAtPercentile(99)),
            Units.duration(stalls.getValueAtPercentile(99.9)), Units.duration(stalls.getMaxValue()));
        out.flush();
        return stalls.getValueAtPercentile(99) > MAX_P99_NS || stalls.getMaxValue() > MAX_NS
            ? ExitCodes.INVALID : ExitCodes.OK;
    }
}
