package io.millrace.load.run;

import io.millrace.load.workload.Workload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;

/** The resolved workload as text, every default spelled out. */
public final class WorkloadYaml {
    private WorkloadYaml() {
    }

    /**
     * {@return the text of {@code workload.resolved.yaml}}
     *
     * @param workload to write
     */
    public static String write(final Workload workload) {
        final StringBuilder text = new StringBuilder("# every value in force, defaults included\n");
        workload.asTree().forEach((key, value) -> entry(text, "", key, value));
        return text.toString();
    }

    /**
     * Hashes a workload so that the sides of a comparison can be told to differ in nothing else.
     *
     * @param workload to hash
     * @param without  keys of {@link Workload#asTree()} to leave out
     * @return SHA-256 in hexadecimal
     */
    public static String sha256(final Workload workload, final Collection<String> without) {
        final StringBuilder text = new StringBuilder();
        workload.asTree().forEach((key, value) -> {
            if (!without.contains(key)) {
                entry(text, "", key, value);
            }
        });
        try {
            return HexFormat.of().formatHex(
                MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException ex) {
            throw new IllegalStateException("every JDK has SHA-256", ex);
        }
    }

    private static void entry(final StringBuilder text, final String indent, final String key, final Object value) {
        text.append(indent).append(key.matches("[A-Za-z0-9_]+") ? key : quoted(key)).append(':');
        if (value instanceof Map<?, ?> map) {
            text.append(map.isEmpty() ? " {}\n" : "\n");
            map.forEach((k, v) -> entry(text, indent + "  ", String.valueOf(k), v));
        } else {
            text.append(' ').append(value instanceof String string ? quoted(string) : value).append('\n');
        }
    }

    private static String quoted(final String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
