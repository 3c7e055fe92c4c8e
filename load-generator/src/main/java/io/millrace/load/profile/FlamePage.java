package io.millrace.load.profile;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes a flame graph as one page without anything from outside. No state. */
final class FlamePage {
    /** What is narrower than this part of the whole is left out. */
    private static final double LEAST_PART = 0.0002;
    private static final int HEAVIEST_COUNT = 40;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private FlamePage() {
    }

    /**
     * {@return the page}
     *
     * @param tree    of stacks
     * @param kind    what it is about
     * @param process whose, in words
     * @param detail  a sentence or two: from what it was made
     */
    static String html(final FlameTree tree, final ProfileKind kind, final String process, final String detail) {
        final StringBuilder rows = new StringBuilder();
        for (final FlameTree.Call call : tree.heaviest(HEAVIEST_COUNT)) {
            rows.append("<tr><td>").append(escaped(call.name())).append("</td><td>")
                .append(share(call.own(), tree)).append("</td><td>").append(share(call.total(), tree))
                .append("</td></tr>\n");
        }
        final Map<String, String> parts = new LinkedHashMap<>();
        parts.put("TITLE", escaped(process + ": " + kind.title()));
        parts.put("DETAIL", escaped(detail));
        parts.put("ROWS", rows.toString());
        parts.put("DATA", data(tree, kind));
        String page = template();
        for (final Map.Entry<String, String> part : parts.entrySet()) {
            page = page.replace("{{" + part.getKey() + "}}", part.getValue());
        }
        return page;
    }

    /** Names once, then the tree as nested lists: name, weight, children. */
    private static String data(final FlameTree tree, final ProfileKind kind) {
        final Map<String, Integer> names = new LinkedHashMap<>();
        final long least = (long) (tree.root().weight() * LEAST_PART);
        final List<Object> nested = nested(tree.root(), names, least);
        final Map<String, Object> data = new LinkedHashMap<>();
        data.put("unit", kind.unit());
        data.put("names", List.copyOf(names.keySet()));
        data.put("tree", nested);
        try {
            // inside a script element nothing may look like its end
            return JSON.writeValueAsString(data).replace("<", "\\u003c");
        } catch (final JacksonException ex) {
            throw new IllegalStateException("lists of strings and numbers are JSON", ex);
        }
    }

    private static List<Object> nested(
        final FlameTree.Node node, final Map<String, Integer> names, final long least) {
        final List<Object> list = new ArrayList<>();
        list.add(names.computeIfAbsent(node.name(), name -> names.size()));
        list.add(node.weight());
        for (final FlameTree.Node child : node.children()) {
            if (child.weight() > least) {
                list.add(nested(child, names, least));
            }
        }
        return list;
    }

    private static String share(final long weight, final FlameTree tree) {
        return String.format(Locale.ROOT, "%.1f %%", 100.0 * weight / Math.max(1, tree.root().weight()));
    }

    private static String escaped(final String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    private static String template() {
        try (InputStream in = FlamePage.class.getResourceAsStream("flame.html")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new UncheckedIOException("a part of this application cannot be read", ex);
        }
    }
}
