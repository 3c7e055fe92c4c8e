package io.millrace.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.format.BatchChecksumBenchmark;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

class PartialResultsTest {
    @TempDir
    private Path directory;

    @Test
    void shouldKeepTheIterationsOfEachForkWhenInterrupted() throws IOException {
        final RunResult sample = sample();
        final BenchmarkParams params = sample.getParams();
        final IterationResult iteration = iteration(sample);
        final PartialResults results = new PartialResults(file());
        results.begin();
        results.beginBenchmark(params);
        results.add(1, iteration);
        results.add(2, iteration);
        results.add(1, iteration);
        results.writeWhatThereIs();
        assertEquals(List.of(2, 1), iterationsByFork(Files.readString(file())));
    }

    @Test
    void shouldWriteAnEmptyListWhenInterruptedBeforeAnythingWasMeasured() throws IOException {
        final PartialResults results = new PartialResults(file());
        results.begin();
        results.beginBenchmark(sample().getParams());
        results.writeWhatThereIs();
        assertEquals("[]", Files.readString(file()).replaceAll("\\s", ""));
    }

    @Test
    void shouldWriteAfterEachBenchmarkAndKeepTheLastWordWhenAllIsDone() throws IOException {
        final RunResult sample = sample();
        final PartialResults results = new PartialResults(file());
        results.begin();
        results.beginBenchmark(sample.getParams());
        results.add(1, iteration(sample));
        results.endBenchmark();
        assertTrue(Files.readString(file()).contains(sample.getParams().getBenchmark()));
        results.writeAll(List.of());
        results.writeWhatThereIs();
        assertEquals("[]", Files.readString(file()).replaceAll("\\s", ""));
    }

    @Test
    void shouldNameTheBenchmarkWhenItFailedAndTheOthersWentOn() throws RunnerException {
        final PartialResults results = new PartialResults(file());
        final OutputFormat silent = OutputFormatFactory.createFormatInstance(
            new PrintStream(OutputStream.nullOutputStream()), VerboseMode.SILENT);
        final Options options = new OptionsBuilder().include(BatchChecksumBenchmark.class.getName())
            .mode(Mode.SingleShotTime).forks(0).warmupIterations(0).measurementIterations(1)
            .param("length", "128", "-1").build();
        final Collection<RunResult> run = new Runner(options, new RecordingFormat(silent, results)).run();
        assertFalse(run.isEmpty());
        final List<String> failed = results.failed(run);
        assertEquals(run.size(), failed.size(), failed::toString);
        assertTrue(failed.stream().allMatch(name -> name.contains(" length=-1")
            && name.startsWith(BatchChecksumBenchmark.class.getName() + ".")), failed::toString);
    }

    @Test
    void shouldLeaveNoFileWhenNothingWasBegun() {
        new PartialResults(file()).writeWhatThereIs();
        assertFalse(Files.exists(file()));
    }

    private Path file() {
        return directory.resolve("jmh-result.json");
    }

    private static RunResult sample() {
        return Smoke.run(BatchChecksumBenchmark.class, 2, Map.of("length", "128")).iterator().next();
    }

    private static IterationResult iteration(final RunResult sample) {
        return sample.getBenchmarkResults().iterator().next().getIterationResults().iterator().next();
    }

    private static List<Integer> iterationsByFork(final String json) {
        final Matcher raw = Pattern.compile("(?s)\"rawData\"\\s*:\\s*\\[(.*?\\])\\s*\\]").matcher(json);
        assertTrue(raw.find(), json);
        final List<Integer> counts = new ArrayList<>();
        final Matcher fork = Pattern.compile("\\[([^\\]]*)\\]").matcher(raw.group(1));
        while (fork.find()) {
            counts.add(fork.group(1).split(",").length);
        }
        return counts;
    }
}
