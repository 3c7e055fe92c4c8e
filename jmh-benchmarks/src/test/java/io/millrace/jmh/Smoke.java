package io.millrace.jmh;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs every benchmark method of a class a few times in this process, through the code that JMH generated for it, so
 * that a benchmark that no longer works fails the build. Measures nothing.
 */
public final class Smoke {
    private Smoke() {
    }

    /**
     * Runs a benchmark class.
     *
     * @param type      has benchmark methods
     * @param callCount calls of each method
     * @param params    value of each parameter, several divided by commas; those not named keep all their values
     * @return what JMH returned, one element for each method and combination of parameters
     */
    public static Collection<RunResult> run(
        final Class<?> type, final int callCount, final Map<String, String> params) {
        final ChainedOptionsBuilder options = new OptionsBuilder()
            .include("^" + Pattern.quote(type.getName()) + "\\.")
            .mode(Mode.SingleShotTime)
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementBatchSize(callCount)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true);
        params.forEach((name, value) -> options.param(name, value.split(",")));
        try {
            final Collection<RunResult> results = new Runner(options.build()).run();
            assertFalse(results.isEmpty(), type.getName());
            results.forEach(result -> assertTrue(result.getPrimaryResult().getScore() > 0,
                result.getParams().getBenchmark()));
            return results;
        } catch (final RunnerException ex) {
            throw new AssertionError(type.getName() + " with " + params + ": " + ex, ex);
        }
    }
}
