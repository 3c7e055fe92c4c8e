package io.millrace.cli;

import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
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
    private static final int FIRST_STRICT_JAVA = 24;
    private static final long SHUTDOWN_GRACE_S = 10;

    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        final String classPath = System.getenv("MILLRACE_CAMPAIGN_CLASSPATH");
        if (classPath == null) {
            throw new UserError("the campaigns are test code, which the application does not carry",
                "Run ./millrace campaign in the source tree, which builds them.");
        }
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseParallelGC",
            "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= FIRST_STRICT_JAVA) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        command.addAll(List.of("-cp", classPath, "io.millrace.engine.damage.CampaignMain"));
        command.addAll(arguments);
        final Process process = new ProcessBuilder(command).inheritIO().start();
        // a signal to this process alone must not leave the campaign behind, or a second one would write its state too
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process), "campaign-end"));
        return process.waitFor();
    }

    private static void end(final Process process) {
        process.destroy();
        try {
            if (!process.waitFor(SHUTDOWN_GRACE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }
}
