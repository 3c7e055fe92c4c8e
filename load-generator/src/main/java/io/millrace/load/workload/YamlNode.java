package io.millrace.load.workload;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of a YAML document that knows its line. Exactly one of text, map and list is set; text is null for an empty
 * value, too.
 *
 * @param line of its beginning, from 1
 * @param text of a scalar
 * @param map  of its entries
 * @param list of its items
 */
record YamlNode(int line, String text, Map<String, YamlNode> map, List<YamlNode> list) {
    private static final int MAX_DEPTH = 20;

    /**
     * Reads a document.
     *
     * @param document the text
     * @param name     for messages
     * @return its root
     */
    static YamlNode parse(final String document, final String name) {
        try (YAMLParser parser = new YAMLFactory().createParser(document)) {
            final JsonToken token = parser.nextToken();
            if (token == null) {
                throw new WorkloadException(name + ": empty; see 'millrace bench show' for one that works");
            }
            final YamlNode root = read(parser, name, 0);
            if (parser.nextToken() != null) {
                throw problem(name, parser.currentTokenLocation().getLineNr(), "holds more than one document");
            }
            return root;
        } catch (final JacksonException ex) {
            throw problem(name, ex.getLocation() == null ? 0 : ex.getLocation().getLineNr(),
                "is no YAML: " + ex.getOriginalMessage());
        } catch (final IOException ex) {
            throw new WorkloadException(name + ": cannot be read: " + ex);
        }
    }

    /**
     * {@return the exception for a line}
     *
     * @param name    of the document
     * @param line    from 1
     * @param message what is wrong
     */
    static WorkloadException problem(final String name, final int line, final String message) {
        return new WorkloadException(name + ":" + line + ": " + message);
    }

    boolean isScalar() {
        return map == null && list == null;
    }

    private static YamlNode read(final YAMLParser parser, final String name, final int depth) throws IOException {
        final int line = parser.currentTokenLocation().getLineNr();
        if (depth > MAX_DEPTH) {
            throw problem(name, line, "is nested more than " + MAX_DEPTH + " deep");
        }
        if (parser.isCurrentAlias() || parser.getObjectId() != null) {
            throw problem(name, line, "uses an anchor or alias; write the value out");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> new YamlNode(line, null, entries(parser, name, depth), null);
            case START_ARRAY -> {
                final List<YamlNode> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(parser, name, depth + 1));
                }
                yield new YamlNode(line, null, null, items);
            }
            case VALUE_NULL -> new YamlNode(line, null, null, null);
            default -> new YamlNode(line, parser.getText(), null, null);
        };
    }

    private static Map<String, YamlNode> entries(final YAMLParser parser, final String name, final int depth)
        throws IOException {
        final Map<String, YamlNode> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            final String key = ((JsonParser) parser).currentName();
            final int line = parser.currentTokenLocation().getLineNr();
            parser.nextToken();
            if (entries.put(key, read(parser, name, depth + 1)) != null) {
                throw problem(name, line, "has the key " + key + " twice");
            }
        }
        return entries;
    }
}
