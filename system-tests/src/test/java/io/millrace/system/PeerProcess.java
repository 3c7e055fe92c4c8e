package io.millrace.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A client in a process of its own that takes orders, see {@code src/test/peers/README.md}. Owned by the test's thread;
 * another one reads what the client says.
 */
final class PeerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(400);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path errorFile;
    private final Process process;
    private final Writer orders;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final String version;

    /**
     * How one case of a scenario ended.
     *
     * @param result passed, failed or unable
     * @param why    it is not passed
     */
    record Case(String id, String result, String why) {
        boolean isPassed() {
            return "passed".equals(result);
        }

        boolean isUnable() {
            return "unable".equals(result);
        }
    }

    /** Does what a client asks for in the middle of a scenario. */
    @FunctionalInterface
    interface Restart {
        void run() throws Exception;
    }

    PeerProcess(final List<String> words, final Map<String, String> environment, final Path errorFile)
        throws IOException {
        this.errorFile = errorFile;
        final ProcessBuilder builder = new ProcessBuilder(words)
            .redirectError(ProcessBuilder.Redirect.appendTo(errorFile.toFile()));
        builder.environment().putAll(environment);
        process = builder.start();
        orders = process.outputWriter(StandardCharsets.UTF_8);
        final Thread reader = new Thread(this::readLines, "peer-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        version = next().path("version").asText();
    }

    private void readLines() {
        try (BufferedReader reader =
            new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        } catch (final IOException ex) {
            lines.add(ex.toString());
        }
        lines.add("");
    }

    String version() {
        return version;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** {@return how the cases of the scenario ended} */
    List<Case> order(final String scenario, final String name, final Restart restart) throws Exception {
        write(scenario + " " + name);
        final List<Case> cases = new ArrayList<>();
        for (JsonNode line = next(); !line.has("end"); line = next()) {
            if (line.has("ask")) {
                restart.run();
                write("done");
            } else {
                cases.add(new Case(line.path("case").asText(), line.path("result").asText(),
                    line.path("why").asText()));
            }
        }
        return cases;
    }

    private void write(final String line) throws IOException {
        orders.write(line + "\n");
        orders.flush();
    }

    private JsonNode next() throws IOException {
        final String line;
        try {
            line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", ex);
        }
        if (line == null || line.isEmpty()) {
            process.destroyForcibly();
            throw new AssertionError((line == null ? "no word for " + PATIENCE.toSeconds() + " s" : "ended early")
                + ", standard error:\n" + tailOf(errorFile));
        }
        return JSON.readTree(line);
    }

    private static String tailOf(final Path file) throws IOException {
        final List<String> all = Files.readAllLines(file);
        return String.join("\n", all.subList(Math.max(0, all.size() - 60), all.size()));
    }

    @Override
    public void close() throws IOException {
        try {
            orders.close();
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (final IOException ex) {
            System.out.println("[peers] a client had ended before: " + ex);
        }
        process.destroyForcibly();
    }
}
