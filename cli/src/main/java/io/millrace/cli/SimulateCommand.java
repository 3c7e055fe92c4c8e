package io.millrace.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Hands its arguments to the simulation of a cluster, which is test code, in a process of its own. */
@Command(
    name = "simulate",
    description = "Run whole clusters on virtual time from seeds, with faults, and check them after every event.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace simulate --seeds 1000               goes on there when run again",
        "  millrace simulate --seeds 500 --from 5000 --profile durable",
        "  millrace simulate --seed 158                 one seed, shortened when it fails",
        "  millrace simulate --seed 158 --trace true    event by event",
    })
final class SimulateCommand implements Callable<Integer> {
    private static final long GRACE_S = 10;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return new TestCode("simulations", "MILLRACE_SIMULATE_CLASSPATH", "io.millrace.broker.sim.SimulateMain",
            GRACE_S, "-Xmx1g", "-XX:+UseParallelGC").run("simulate", arguments);
    }
}
