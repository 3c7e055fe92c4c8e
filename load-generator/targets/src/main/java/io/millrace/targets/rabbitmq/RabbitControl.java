package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * RabbitMQ's own command-line tool, for what clients cannot ask; used by one thread at a time.
 *
 * @param program     rabbitmqctl
 * @param environment it needs to reach the nodes
 * @param nodes       names of all nodes
 */
record RabbitControl(Path program, Map<String, String> environment, List<String> nodes) {
    private static final long TIMEOUT_S = 60;

    /**
     * {@return what the first node says that can be asked}
     *
     * @param words of the command
     */
    String ask(final String... words) {
        TargetUnreachableException failure = null;
        for (final String node : nodes) {
            try {
                return askNode(node, words);
            } catch (final TargetUnreachableException ex) {
                failure = ex;
            }
        }
        throw failure;
    }

    private String askNode(final String node, final String... words) {
        final List<String> command = new ArrayList<>(List.of(program.toString(), "-q", "-n", node));
        command.addAll(List.of(words));
        Path output = null;
        try {
            output = Files.createTempFile("rabbitmqctl", ".out");
            final ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))).redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            final Process process = builder.start();
            final boolean isEnded = process.waitFor(TIMEOUT_S, TimeUnit.SECONDS);
            final String text = Files.readString(output, StandardCharsets.ISO_8859_1).strip();
            if (!isEnded || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new TargetUnreachableException(String.join(" ", command) + ": "
                    + (isEnded ? text : "no end after " + TIMEOUT_S + " s"), null);
            }
            return text;
        } catch (final IOException ex) {
            throw new TargetUnreachableException(program + " cannot be run: " + ex.getMessage(), ex);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new TargetUnreachableException("interrupted while running " + program, ex);
        } finally {
            if (output != null) {
                output.toFile().delete();
            }
        }
    }
}
