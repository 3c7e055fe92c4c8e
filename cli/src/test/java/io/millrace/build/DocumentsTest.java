package io.millrace.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.ConfigKeys;
import io.millrace.broker.metadata.TopicConfigs;
import io.millrace.transport.counters.AgentCounter;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.counters.NodeCounter;
import io.millrace.transport.kafka.codec.ApiTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the documents name must exist. */
class DocumentsTest {
    private static final int README_LINES = 150;
    private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");
    private static final Pattern NAME = Pattern.compile("io\\.millrace(?:\\.[a-z0-9]+)*(?:\\.[A-Z][A-Za-z0-9]*)*");
    private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_.\\-]+(?:/[A-Za-z0-9_.\\-]+)*/?");
    /** Registries and mirrors; written in parts so that this file does not name one. */
    private static final Pattern HOST = Pattern.compile(String.join("|",
        "repo1?\\.maven\\.", "central\\.sonatype\\.", "oss\\.sonatype\\.", "pypi\\.or" + "g", "registry\\.npm" + "js",
        "docker\\.i" + "o", "ghcr\\.i" + "o", "deb\\.debian\\.or" + "g", "artifactor" + "y", "<repositor" + "y>",
        "<mirro" + "r>", "<distributionManagemen" + "t>"));

    private final Path root = SourceTree.root();

    @Test
    void shouldExistWhenAPathIsNamed() {
        final List<String> missing = new ArrayList<>();
        for (final Path document : documents()) {
            final String text = SourceTree.read(document);
            final Matcher link = LINK.matcher(text);
            while (link.find()) {
                if (!link.group(1).contains(":") && !Files.exists(document.resolveSibling(link.group(1)))) {
                    missing.add(root.relativize(document) + " links to " + link.group(1));
                }
            }
            final Matcher code = CODE.matcher(text);
            while (code.find()) {
                if (isPathOfThisTree(code.group(1)) && !Files.exists(root.resolve(code.group(1)))
                    && !Files.exists(document.resolveSibling(code.group(1)))) {
                    missing.add(root.relativize(document) + " names " + code.group(1));
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    /** A path is what starts with something that lies at the root; anything else may be a path of the user's. */
    private boolean isPathOfThisTree(final String text) {
        if (!PATH.matcher(text).matches() || !text.contains("/")) {
            return false;
        }
        final Path first = Path.of(text).getName(0);
        return Files.exists(root.resolve(first)) && !text.contains("/target/") && !text.startsWith("results/runs");
    }

    @Test
    void shouldExistWhenAClassOrPackageIsNamed() {
        final String sources = SourceTree.files().stream().map(file -> root.relativize(file).toString())
            .filter(file -> file.endsWith(".java")).collect(Collectors.joining("\n", "", "\n"));
        final List<String> missing = new ArrayList<>();
        for (final Path document : documents()) {
            final Matcher name = NAME.matcher(SourceTree.read(document));
            while (name.find()) {
                final String path = "/" + name.group().replace('.', '/');
                if (!sources.contains(path + ".java") && !sources.contains(path + "/")) {
                    missing.add(root.relativize(document) + " names " + name.group());
                }
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldStayShortWhenTheReadmeGrows() {
        final long lineCount = SourceTree.read(root.resolve("README.md")).lines().count();
        assertTrue(lineCount <= README_LINES, "README.md has " + lineCount + " lines, at most " + README_LINES);
    }

    @Test
    void shouldListEveryKeyWhenTheConfigurationPageIsRead() throws IOException {
        final Path page = root.resolve("docs/configuration.md");
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(page, ConfigKeys.toMarkdown());
        }
        assertEquals(ConfigKeys.toMarkdown(), SourceTree.read(page), page.getFileName()
            + " is made from ConfigKeys; write it anew with: mvn -pl cli -am test -Dtest=DocumentsTest "
            + "-Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true");
    }

    @Test
    void shouldListWhatIsServedWhenTheCompatibilityPageIsRead() throws IOException {
        final Path page = root.resolve("docs/kafka-compatibility.md");
        final String before = SourceTree.read(page);
        final String apis = between(before, "<!-- apis: made from ApiTable -->\n", "<!-- end of apis -->",
            ApiTable.toMarkdown());
        final String after = between(apis, "<!-- topic configs: made from TopicConfigs -->\n",
            "<!-- end of topic configs -->", TopicConfigs.toMarkdown());
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(page, after);
        }
        assertEquals(after, SourceTree.read(page), page.getFileName()
            + " is made from ApiTable and TopicConfigs; write it anew with: mvn -pl cli -am test -Dtest=DocumentsTest "
            + "-Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true");
    }

    private static String between(final String page, final String begin, final String end, final String content) {
        return page.substring(0, page.indexOf(begin) + begin.length()) + content + page.substring(page.indexOf(end));
    }

    @Test
    void shouldNameEveryCounterWhenTheirPageIsRead() {
        final String page = SourceTree.read(root.resolve("docs/counters.md"));
        final List<String> missing = new ArrayList<>();
        for (final NodeCounter counter : NodeCounter.values()) {
            missing.add("| " + counter.label() + " |");
        }
        for (final AgentCounter counter : AgentCounter.values()) {
            final String label = counter.label(AgentRole.ENGINE);
            missing.add("| " + label.substring(label.indexOf(' ') + 1) + " |");
        }
        missing.removeIf(page::contains);
        assertEquals(List.of(), missing);
    }

    @Test
    void shouldNameNoRegistryWhenBuilding() {
        final List<String> found = new ArrayList<>();
        for (final Path file : SourceTree.files()) {
            if (file.toString().matches(".*\\.(java|xml|md|properties|sh|yaml|yml|html|js|css)")
                || file.endsWith("millrace") || file.endsWith(".ci/run")) {
                final Matcher host = HOST.matcher(SourceTree.read(file));
                if (host.find()) {
                    found.add(root.relativize(file) + ": " + host.group());
                }
            }
        }
        assertEquals(List.of(), found);
    }

    private List<Path> documents() {
        return SourceTree.files().stream().filter(file -> file.toString().endsWith(".md"))
            .filter(file -> !file.startsWith(root.resolve("results"))).toList();
    }
}
