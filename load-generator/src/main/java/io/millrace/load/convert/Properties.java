package io.millrace.load.convert;

import java.io.IOException;
import java.io.StringReader;
import java.util.Map;
import java.util.TreeMap;

/** Text in the form of Java's properties; no state. */
final class Properties {
    private Properties() {
    }

    /**
     * {@return the entries, by key}
     *
     * @param text of them, or null for none
     */
    static Map<String, String> of(final String text) {
        final java.util.Properties properties = new java.util.Properties();
        final Map<String, String> entries = new TreeMap<>();
        try {
            properties.load(new StringReader(text == null ? "" : text));
        } catch (final IOException | IllegalArgumentException ex) {
            throw new io.millrace.load.workload.WorkloadException("convert: properties that cannot be read: "
                + ex.getMessage() + "; mend the file");
        }
        properties.stringPropertyNames().forEach(name -> entries.put(name, properties.getProperty(name).trim()));
        return entries;
    }
}
