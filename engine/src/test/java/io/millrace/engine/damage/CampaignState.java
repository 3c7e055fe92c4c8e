package io.millrace.engine.damage;

import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** How far a campaign is and what it counted; replaced as a whole, so that a kill leaves the old or the new one. */
final class CampaignState {
    private static final String COUNT_PREFIX = "count.";
    private static final String FAILURE_PREFIX = "failure.";

    final TreeMap<String, Long> counts = new TreeMap<>();
    /** What went wrong, by case. */
    final TreeMap<Long, String> failures = new TreeMap<>();
    long next;
    private final Path file;
    private final String name;
    private final long seed;

    private CampaignState(final Path directory, final String name, final long seed) {
        file = directory.resolve(name + "-" + seed + ".properties");
        this.name = name;
        this.seed = seed;
    }

    static CampaignState load(final Path directory, final String name, final long seed) throws IOException {
        Files.createDirectories(directory);
        final CampaignState state = new CampaignState(directory, name, seed);
        if (Files.exists(state.file)) {
            final Properties properties = new Properties();
            try (Reader reader = Files.newBufferedReader(state.file)) {
                properties.load(reader);
            }
            state.next = Long.parseLong(properties.getProperty("next"));
            for (final String key : properties.stringPropertyNames()) {
                if (key.startsWith(COUNT_PREFIX)) {
                    state.counts.put(key.substring(COUNT_PREFIX.length()), Long.valueOf(properties.getProperty(key)));
                } else if (key.startsWith(FAILURE_PREFIX)) {
                    state.failures.put(
                        Long.valueOf(key.substring(FAILURE_PREFIX.length())), properties.getProperty(key));
                }
            }
        }
        return state;
    }

    Path file() {
        return file;
    }

    void add(final Map<String, Long> newCounts, final Map<Long, String> newFailures, final long newNext) {
        newCounts.forEach((outcome, count) -> counts.merge(outcome, count, Long::sum));
        failures.putAll(newFailures);
        next = newNext;
    }

    void summarize(final PrintStream out) {
        out.println();
        counts.forEach((outcome, times) -> out.printf("%10d  %s%n", times, outcome));
        failures.forEach((index, problem) -> out.println("    FAILED  case=" + index + " " + problem));
        out.println();
        out.println(name + " seed=" + seed + ": cases=" + next + " failures=" + failures.size() + ", state in " + file);
    }

    void store() throws IOException {
        final Properties properties = new Properties();
        properties.setProperty("campaign", name);
        properties.setProperty("seed", Long.toString(seed));
        properties.setProperty("next", Long.toString(next));
        counts.forEach((outcome, count) -> properties.setProperty(COUNT_PREFIX + outcome, count.toString()));
        failures.forEach((index, problem) -> properties.setProperty(FAILURE_PREFIX + index, problem));
        final StringWriter text = new StringWriter();
        properties.store(text, "A Millrace campaign; the same command goes on from here");
        final Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try (FileChannel channel = FileChannel.open(temporary,
            StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            final ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
