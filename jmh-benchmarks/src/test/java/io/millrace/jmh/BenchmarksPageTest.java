package io.millrace.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The list in docs/benchmarks.md is made from what JMH finds and from the question each class states. */
class BenchmarksPageTest {
    private static final Path PAGE = Path.of("..", "docs", "benchmarks.md");
    private static final String MARK = "<!-- From here on made from the benchmarks' sources -->\n";
    private static final Pattern TAG = Pattern.compile("\\{@(?:code|link|value|literal)\\s+#?([^}]*)}");
    private static final int LINE_LENGTH = 120;

    @Test
    void shouldListEveryClassWithItsQuestionWhenThePageIsRead() throws IOException {
        final String page = Files.readString(PAGE);
        assertTrue(page.contains(MARK), PAGE + " lacks the line " + MARK);
        final String expected = page.substring(0, page.indexOf(MARK)) + MARK + generated();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE, expected);
        }
        assertEquals(expected, Files.readString(PAGE), PAGE + " is made from the benchmarks; write it anew with: mvn "
            + "-pl jmh-benchmarks -am test -Dtest=BenchmarksPageTest -Dsurefire.failIfNoSpecifiedTests=false "
            + "-Ddocs.write=true");
    }

    private static String generated() throws IOException {
        final Map<String, List<BenchmarkListEntry>> byClass = new TreeMap<>();
        for (final BenchmarkListEntry entry : all()) {
            final String name = entry.getUsername();
            byClass.computeIfAbsent(name.substring(0, name.lastIndexOf('.')), c -> new ArrayList<>()).add(entry);
        }
        final StringBuilder text = new StringBuilder();
        for (final Map.Entry<String, List<BenchmarkListEntry>> each : byClass.entrySet()) {
            final String type = each.getKey();
            final String simpleName = type.substring(type.lastIndexOf('.') + 1);
            text.append("\n## ").append(simpleName).append("\n\n").append(wrapped(question(type))).append("\n```\n")
                .append("./millrace jmh ").append(simpleName).append("\n```\n\n")
                .append(wrapped("Methods: " + String.join(", ", each.getValue().stream().map(entry ->
                    "`" + entry.getUsername().substring(type.length() + 1) + "`").distinct().sorted().toList()) + "."));
            final String params = params(each.getValue());
            text.append(params.isEmpty() ? "" : wrapped("Parameters (`-p`): " + params + "."));
        }
        return text.toString();
    }

    private static Set<BenchmarkListEntry> all() {
        final OutputFormat silent = OutputFormatFactory.createFormatInstance(
            new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8), VerboseMode.SILENT);
        return BenchmarkList.defaultList().getAll(silent, List.of());
    }

    private static String params(final List<BenchmarkListEntry> entries) {
        final Map<String, String> params = new LinkedHashMap<>();
        for (final BenchmarkListEntry entry : entries) {
            entry.getParams().orElse(Map.of())
                .forEach((name, values) -> params.putIfAbsent(name, "`" + name + "=" + String.join(",", values) + "`"));
        }
        return String.join(", ", new TreeMap<>(params).values());
    }

    /** The first paragraph of the class's comment. */
    private static String question(final String type) throws IOException {
        final String source = Files.readString(Path.of("src", "main", "java", type.replace('.', '/') + ".java"));
        final int declaration = source.indexOf("\npublic class " + type.substring(type.lastIndexOf('.') + 1));
        final int begin = source.lastIndexOf("\n/**", declaration);
        assertTrue(declaration > 0 && begin > 0, type + " is not a public class with a comment");
        final String text = source.substring(begin + "\n/**".length(), source.indexOf("*/", begin))
            .replaceAll("(?m)^ \\* ?", "").strip();
        final int end = text.indexOf("<p>");
        final String paragraph = (end < 0 ? text : text.substring(0, end)).replaceAll("\\s+", " ").strip();
        assertTrue(paragraph.startsWith("Question: ") && paragraph.contains("?"),
            type + " does not state its question: " + paragraph);
        return TAG.matcher(paragraph.substring("Question: ".length())).replaceAll(match ->
            Matcher.quoteReplacement("`" + match.group(1).replace("()", "").replace('#', '.') + "`"));
    }

    private static String wrapped(final String text) {
        final StringBuilder lines = new StringBuilder();
        int length = 0;
        for (final String word : (Character.toUpperCase(text.charAt(0)) + text.substring(1)).split(" ")) {
            if (length > 0 && length + 1 + word.length() > LINE_LENGTH) {
                lines.append('\n');
                length = 0;
            }
            lines.append(length > 0 ? " " : "").append(word);
            length += (length > 0 ? 1 : 0) + word.length();
        }
        return lines.append('\n').toString();
    }
}
