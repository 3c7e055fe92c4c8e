package io.millrace.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Hands its arguments to the fault rig for real processes, which is test code, in a process of its own. */
@Command(
    name = "chaos",
    description = "Kill, pause, cut off and starve the processes of a cluster under load, and check every record.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace chaos --cycles 100 --seed 7 --out chaos-7    goes on there when run again",
        "  millrace chaos --faults kill,pause --cycles 20",
        "  millrace chaos failover --kills 30                    how long writes stand still",
    })
final class ChaosCommand implements Callable<Integer> {
    /** It stops its brokers and takes its networks down. */
    private static final long GRACE_S = 90;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return new TestCode("fault tests", "MILLRACE_CHAOS_CLASSPATH", "io.millrace.system.chaos.ChaosMain",
            GRACE_S, "-Xmx768m", "-XX:+UseSerialGC").run("chaos", arguments);
    }
}
