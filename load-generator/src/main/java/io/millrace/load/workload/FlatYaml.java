package io.millrace.load.workload;

import java.util.LinkedHashMap;
import java.util.Map;

/** A YAML document that is one mapping of keys to plain values, as other tools have them; no state. */
public final class FlatYaml {
    private static final int MAX_LENGTH = 1 << 20;

    private FlatYaml() {
    }

    /**
     * {@return the entries in their order; an empty value is left out}
     *
     * @param document the text
     * @param name     for messages
     */
    public static Map<String, String> parse(final String document, final String name) {
        if (document.length() > MAX_LENGTH) {
            throw new WorkloadException(name + ": is longer than " + MAX_LENGTH + " characters; name a workload file");
        }
        final YamlNode root = YamlNode.parse(document, name);
        if (root.map() == null) {
            throw YamlNode.problem(name, root.line(), "is no mapping of keys");
        }
        final Map<String, String> entries = new LinkedHashMap<>();
        root.map().forEach((key, node) -> {
            if (!node.isScalar()) {
                throw YamlNode.problem(name, node.line(), key + " is no plain value");
            }
            if (node.text() != null) {
                entries.put(key, node.text());
            }
        });
        return entries;
    }
}
