package io.millrace.system.chaos;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The result directory: {@code chaos.json} says what is run, one file a finished round what came of it, the summary is
 * made of them anew each time. A kill leaves whole rounds. Owned by the main thread.
 */
final class RunStore {
    private static final String SCHEMA = "millrace-chaos-1";
    static final ObjectMapper MAPPER =
        JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path directory;

    private RunStore(final Path directory) {
        this.directory = directory;
    }

    /**
     * Opens a new run or one to go on with.
     *
     * @throws IllegalArgumentException when the directory holds a run with other options
     */
    static RunStore open(final Path directory, final RoundOptions options) throws IOException {
        final RunStore store = new RunStore(directory.toAbsolutePath().normalize());
        Files.createDirectories(store.directory);
        final Map<String, Object> wanted = new LinkedHashMap<>();
        wanted.put("schema", SCHEMA);
        wanted.put("seed", options.seed());
        wanted.put("faults", options.kinds().stream().map(FaultKind::commandName).toList());
        wanted.put("ratePerSecondAndProducer", options.ratePerS());
        wanted.put("set", options.overrides());
        final Path file = store.directory.resolve("chaos.json");
        if (Files.exists(file)) {
            final JsonNode found = MAPPER.readTree(file.toFile());
            final JsonNode same = MAPPER.valueToTree(wanted);
            for (final String key : wanted.keySet()) {
                if (!same.path(key).toString().equals(found.path(key).toString())) {
                    throw new IllegalArgumentException(directory + " holds a run with other options: " + key + "="
                        + found.path(key) + ", asked for " + same.path(key)
                        + "; repeat its options to go on, or name another --out");
                }
            }
        } else {
            wanted.put("commit", System.getProperty("millrace.git.sha", "unknown"));
            wanted.put("commitIsDirty", System.getProperty("millrace.git.dirty", "unknown"));
            wanted.put("java", System.getProperty("java.vm.version"));
            wanted.put("processors", Runtime.getRuntime().availableProcessors());
            replace(file, MAPPER.writeValueAsBytes(wanted));
        }
        return store;
    }

    static void replace(final Path file, final byte[] bytes) throws IOException {
        final Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.write(temporary, bytes);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Path roundDirectory(final int round) {
        return directory.resolve(String.format("round-%04d", round));
    }

    Path leftoversFile() {
        return directory.resolve("outside.txt");
    }

    List<RoundResult> rounds() throws IOException {
        final List<RoundResult> rounds = new ArrayList<>();
        while (Files.exists(roundFile(rounds.size()))) {
            rounds.add(MAPPER.readValue(roundFile(rounds.size()).toFile(), RoundResult.class));
        }
        return rounds;
    }

    private Path roundFile(final int round) {
        return directory.resolve(String.format("round-%04d.json", round));
    }

    void add(final RoundResult result) throws IOException {
        replace(roundFile(result.round()), MAPPER.writeValueAsBytes(result));
        replace(directory.resolve("summary.md"),
            Summary.text(rounds()).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    Path directory() {
        return directory;
    }
}
