package io.millrace.results.report;

import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.ExperimentReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RateCurveTest {
    private static final Pattern ACHIEVED = Pattern.compile("\"achieved_per_s\" : ([0-9.]+)");

    @TempDir
    private Path dir;

    @Test
    void shouldTakeARateForKeptWhenTheScheduleHadFewerRecordsThanItsMean() throws IOException {
        final Path sweep = SyntheticRuns.sweep(dir, 7, -1);
        // as a random arrival has it: all that was due is acknowledged, which is less than the rate
        rewrite(sweep, text -> ACHIEVED.matcher(text).replaceAll(found ->
            "\"achieved_per_s\" : " + 0.985 * Double.parseDouble(found.group(1))));
        assertTrue(curve(sweep).contains("no rate was sustained"), curve(sweep));
        assertTrue(rate(sweep).contains("was missed"), rate(sweep));
        rewrite(sweep, text -> text.replace("\"achieved\" : null", "\"achieved\" : 0.9995"));
        assertTrue(curve(sweep).contains("is 600/s"), curve(sweep));
        assertFalse(rate(sweep).contains("was missed"), rate(sweep));
    }

    @Test
    void shouldNotTakeARateForKeptWhenUnsentRecordsMayHaveMovedTheBound() throws IOException {
        final Path sweep = SyntheticRuns.sweep(dir, 8, -1);
        assertTrue(curve(sweep).contains("is 600/s"), curve(sweep));
        rewrite(sweep, text -> text.contains("\"rate_per_s\" : 600")
            ? text.replace("\"unsent\" : null", "\"unsent\" : 60") : text);
        assertTrue(curve(sweep).contains("is 400/s"), curve(sweep));
    }

    private static String curve(final Path sweep) {
        return new RateCurve(ExperimentReader.read(List.of(sweep)).runs()).words();
    }

    private static String rate(final Path sweep) {
        final ExperimentData data = ExperimentReader.read(List.of(sweep));
        return Words.rate(LegSummary.of(data).stream().filter(leg -> leg.label().contains("600")
            || leg.name().contains("600")).toList());
    }

    private static void rewrite(final Path sweep, final java.util.function.UnaryOperator<String> change)
        throws IOException {
        try (Stream<Path> files = Files.walk(sweep)) {
            for (final Path file : files.filter(path -> path.endsWith("run.json")).toList()) {
                Files.writeString(file, change.apply(Files.readString(file)));
            }
        }
    }
}
