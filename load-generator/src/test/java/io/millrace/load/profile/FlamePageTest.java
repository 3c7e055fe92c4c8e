package io.millrace.load.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlamePageTest {
    @Test
    void shouldAddUpEqualStacksWhenSamplesComeIn() {
        final FlameTree tree = new FlameTree();
        tree.add(List.of("engine", "a.A.run", "a.A.write"), 3);
        tree.add(List.of("engine", "a.A.run", "a.A.write"), 4);
        tree.add(List.of("engine", "a.A.run"), 1);
        tree.add(List.of("network", "b.B.poll", "a.A.run", "b.B.poll"), 2);
        assertEquals(10, tree.root().weight());
        assertEquals(4, tree.sampleCount());
        final FlameTree.Node engine = tree.root().children().get(0);
        assertEquals("engine", engine.name());
        assertEquals(8, engine.weight());
        assertEquals(1, engine.children().get(0).own());
        assertEquals(List.of(new FlameTree.Call("a.A.write", 7, 7), new FlameTree.Call("b.B.poll", 2, 2),
            new FlameTree.Call("a.A.run", 1, 10)), tree.heaviest(9), "a recursion counts once");
    }

    @Test
    void shouldCutTheInnerEndWhenAStackIsEndless() {
        final FlameTree tree = new FlameTree();
        tree.add(java.util.Collections.nCopies(100_000, "a.A.again"), 1);
        int depth = 0;
        for (FlameTree.Node node = tree.root(); !node.children().isEmpty(); node = node.children().get(0)) {
            depth++;
        }
        assertEquals(400, depth);
    }

    @Test
    void shouldBeOnePageWithoutAnythingFromOutsideWhenNamesAreStrange() throws Exception {
        final FlameTree tree = new FlameTree();
        tree.add(List.of("</script><script>alert(1)</script>", "a.A.<init>"), 1_000);
        tree.add(List.of("quiet"), 100_000_000);
        final String html = FlamePage.html(tree, ProfileKind.ALLOC, "broker-2 \"<b>\"", "Made up & so on.");
        assertFalse(html.contains("<script>alert"), "no markup from names");
        assertFalse(html.matches("(?s).*(https?:|src=|@import|url\\().*"), "nothing from outside");
        assertFalse(html.contains("{{"), "every place is filled");
        assertTrue(html.contains("broker-2 &quot;&lt;b&gt;&quot;: allocation"), html);
        assertTrue(html.contains("Made up &amp; so on."));
        final int start = html.indexOf("application/json\">") + "application/json\">".length();
        final JsonNode data = JsonMapper.builder().build().readTree(
            html.substring(start, html.indexOf("</script>", start)));
        assertEquals("bytes", data.get("unit").asText());
        assertEquals(100_001_000, data.get("tree").get(1).asLong());
        assertEquals(1, data.get("tree").size() - 2, "what is too narrow to be seen is left out");
        assertEquals("quiet", data.get("names").get(data.get("tree").get(2).get(0).asInt()).asText());
    }
}
