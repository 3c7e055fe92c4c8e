package io.millrace.results.store;

import io.millrace.results.model.Environment;
import io.millrace.results.model.ResultsException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads the machines that took part in a run. */
public final class EnvironmentReader {
    private static final String SUFFIX = ".json";
    private static final int MAX_HOSTS = 256;

    private EnvironmentReader() {
    }

    /**
     * All machines whose description lies with the run.
     *
     * @param run any
     * @return by the name under which it was stored, the machine of the run's own process among them; what cannot be
     *     read is left out
     */
    public static Map<String, Environment> of(final RunData run) {
        final Map<String, Environment> found = new TreeMap<>();
        final Path dir = run.dir().resolve(RunFiles.ENV);
        if (!Files.isDirectory(dir)) {
            return found;
        }
        try (Stream<Path> files = Files.list(dir)) {
            final List<Path> hosts = files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).sorted()
                .limit(MAX_HOSTS).toList();
            for (final Path host : hosts) {
                final String name = host.getFileName().toString();
                try {
                    found.put(name.substring(0, name.length() - SUFFIX.length()),
                        Json.read(host, Environment.class, null));
                } catch (final ResultsException ex) {
                    continue; // the run itself says the rest
                }
            }
        } catch (final IOException ex) {
            return found;
        }
        return found;
    }
}
