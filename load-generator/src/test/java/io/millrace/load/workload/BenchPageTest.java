package io.millrace.load.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of the load generator against the code. */
class BenchPageTest {
    private static final Path PAGE = Path.of("..", "docs", "bench.md");
    private static final String BEGIN = "compared by a test -->\n";
    private static final String END = "<!-- end of settings -->";

    @Test
    void shouldListEverySettingWhenThePageIsRead() throws IOException {
        final String page = Files.readString(PAGE);
        final int begin = page.indexOf(BEGIN) + BEGIN.length();
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(PAGE,
                page.substring(0, begin) + WorkloadKeys.toMarkdown() + page.substring(page.indexOf(END)));
        }
        final String now = Files.readString(PAGE);
        assertEquals(WorkloadKeys.toMarkdown(), now.substring(begin, now.indexOf(END)),
            "the table is made from WorkloadKeys; write it anew with -Ddocs.write=true");
    }

    @Test
    void shouldReadTheWorkloadOfThePage() throws IOException {
        final String page = Files.readString(PAGE);
        final int begin = page.indexOf("```yaml\n") + "```yaml\n".length();
        final WorkloadBuilder settings = new WorkloadBuilder();
        WorkloadFile.parse(page.substring(begin, page.indexOf("```", begin)), "bench.md").applyTo(settings);
        assertEquals(3, settings.build().faults().size());
        assertTrue(settings.build().phases().isUntilSteady());
    }
}
