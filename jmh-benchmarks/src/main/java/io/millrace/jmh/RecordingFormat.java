package io.millrace.jmh;

import java.io.IOException;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Passes everything to JMH's own output and keeps the measured iterations. Called by JMH's threads. */
final class RecordingFormat implements OutputFormat {
    private final OutputFormat next;
    private final PartialResults results;

    RecordingFormat(final OutputFormat next, final PartialResults results) {
        this.next = next;
        this.results = results;
    }

    @Override
    public void startRun() {
        results.begin();
        next.startRun();
    }

    @Override
    public void startBenchmark(final BenchmarkParams params) {
        results.beginBenchmark(params);
        next.startBenchmark(params);
    }

    @Override
    public void iteration(final BenchmarkParams params, final IterationParams iterationParams, final int iteration) {
        next.iteration(params, iterationParams, iteration);
    }

    @Override
    public void iterationResult(final BenchmarkParams params, final IterationParams iterationParams,
        final int iteration, final IterationResult data) {
        if (iterationParams.getType() == IterationType.MEASUREMENT) {
            results.add(iteration, data);
        }
        next.iterationResult(params, iterationParams, iteration, data);
    }

    @Override
    public void endBenchmark(final BenchmarkResult result) {
        results.endBenchmark();
        next.endBenchmark(result);
    }

    @Override
    public void endRun(final Collection<RunResult> result) {
        next.endRun(result);
    }

    @Override
    public void print(final String text) {
        next.print(text);
    }

    @Override
    public void println(final String text) {
        next.println(text);
    }

    @Override
    public void verbosePrintln(final String text) {
        next.verbosePrintln(text);
    }

    @Override
    public void write(final int octet) {
        next.write(octet);
    }

    @Override
    public void write(final byte[] octets) throws IOException {
        next.write(octets);
    }

    @Override
    public void flush() {
        next.flush();
    }

    @Override
    public void close() {
        next.close();
    }
}
