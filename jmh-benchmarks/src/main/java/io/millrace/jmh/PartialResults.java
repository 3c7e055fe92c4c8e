package io.millrace.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/**
 * Gathers measured iterations by benchmark and fork as they come, and writes them as JMH's JSON: after every benchmark,
 * when nothing is being measured, and on interruption. Shared by JMH's threads and the shutdown hook.
 */
final class PartialResults {
    private final Path file;
    private final List<RunResult> ended = new ArrayList<>();
    /** Names for people by JMH's names. */
    private final Map<String, String> begun = new LinkedHashMap<>();
    private final List<List<IterationResult>> forks = new ArrayList<>();
    private BenchmarkParams params;
    private boolean isBegun;
    private boolean isComplete;

    PartialResults(final Path file) {
        this.file = file;
    }

    /** The command line made sense and there is something to run: from here on there is a file. */
    synchronized void begin() {
        isBegun = true;
        write(List.of());
    }

    synchronized void beginBenchmark(final BenchmarkParams benchmark) {
        endBenchmark(); // without a fork JMH runs all benchmarks of a plan one after the other
        params = benchmark;
        begun.put(benchmark.id(), describe(benchmark));
    }

    /** JMH numbers the iterations of each fork from one. */
    synchronized void add(final int iteration, final IterationResult result) {
        if (iteration == 1 || forks.isEmpty()) {
            forks.add(new ArrayList<>());
        }
        forks.get(forks.size() - 1).add(result);
    }

    synchronized void endBenchmark() {
        final RunResult result = present();
        if (result != null) {
            ended.add(result);
            write(ended);
        }
        params = null;
        forks.clear();
    }

    /** What JMH returned in the end; knows more than the iterations, for example what external profilers found. */
    synchronized void writeAll(final Collection<RunResult> results) {
        write(results);
        isComplete = true;
    }

    /** {@return names of those that were begun and are not among the results: unless told to stop, JMH goes on} */
    synchronized List<String> failed(final Collection<RunResult> results) {
        final Map<String, String> failed = new LinkedHashMap<>(begun);
        results.forEach(result -> failed.remove(result.getParams().id()));
        return List.copyOf(failed.values());
    }

    private static String describe(final BenchmarkParams benchmark) {
        final StringBuilder text = new StringBuilder(benchmark.getBenchmark());
        for (final String key : benchmark.getParamsKeys()) {
            text.append(' ').append(key).append('=').append(benchmark.getParam(key));
        }
        return text.toString();
    }

    synchronized void writeWhatThereIs() {
        if (isBegun && !isComplete) {
            final List<RunResult> results = new ArrayList<>(ended);
            final RunResult present = present();
            if (present != null) {
                results.add(present);
            }
            write(results);
        }
    }

    private RunResult present() {
        if (params == null) {
            return null;
        }
        final List<BenchmarkResult> results = forks.stream().skip(params.getWarmupForks())
            .map(iterations -> new BenchmarkResult(params, iterations)).toList();
        return results.isEmpty() ? null : new RunResult(params, results);
    }

    /** Replaced in one step, so that a reader never meets half a document. */
    private void write(final Collection<RunResult> results) {
        final Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, temporary.toString()).writeOut(results);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (final IOException ex) {
            throw new UncheckedIOException("cannot write " + file + "; check free space and permissions", ex);
        }
    }
}
