package io.millrace.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Hands its arguments to the damage campaigns, which are test code, in a process of its own. */
@Command(
    name = "campaign",
    description = "Damage logs in many ways and check what comes of it; goes on where it stopped.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace campaign torn-tails --count 40000       cut and stale ends of a log",
        "  millrace campaign bit-flips --count 1000000      one bit anywhere in its files",
        "  millrace campaign crash-states --count 500000    whatever a power cut may leave",
        "  millrace campaign bit-flips --seed 1 --case 77   one case again",
    })
final class CampaignCommand implements Callable<Integer> {
    private static final long GRACE_S = 10;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return new TestCode("campaigns", "MILLRACE_CAMPAIGN_CLASSPATH", "io.millrace.engine.damage.CampaignMain",
            GRACE_S, "-Xmx512m", "-XX:+UseParallelGC").run("campaign", arguments);
    }
}
