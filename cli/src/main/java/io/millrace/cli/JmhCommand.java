package io.millrace.cli;

import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Hands its arguments to the JMH jar in a process of its own, so that JMH's forks inherit nothing from this one. */
@Command(
    name = "jmh",
    description = "Run the JMH benchmarks; every argument goes to JMH unchanged.",
    footerHeading = "%nExamples:%n",
    footer = {
        "  millrace jmh -l                            list the benchmarks",
        "  millrace jmh RingToFile -p length=1024     run one of them",
        "  millrace jmh -h                            JMH's own options",
    })
final class JmhCommand implements Callable<Integer> {
    @Unmatched
    private final List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        final String jar = System.getenv("MILLRACE_BENCHMARKS_JAR");
        if (jar == null || !Files.isRegularFile(Path.of(jar))) {
            throw new UserError(
                "the benchmarks jar was not found: MILLRACE_BENCHMARKS_JAR=" + jar,
                "Run ./millrace jmh in the source tree, which builds it, or set MILLRACE_BENCHMARKS_JAR to it.");
        }
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-jar");
        command.add(jar);
        command.addAll(arguments);
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
