package io.millrace.load.run;

import io.millrace.results.model.RunDocument;
import io.millrace.results.store.RunReader;
import java.nio.file.Path;
import java.util.List;

/**
 * What became of a run.
 *
 * @param directory of its result
 * @param document  as written
 * @param exitCode  what a command that did only this is to end with
 * @param findings  first faults found by verification, in words
 */
public record RunReport(Path directory, RunDocument document, int exitCode, List<String> findings) {

    /**
     * {@return the report of a run that was finished before}
     *
     * @param directory of its result
     * @param document  as it was read
     */
    public static RunReport stored(final Path directory, final RunDocument document) {
        return new RunReport(directory, document,
            RunVerdict.exitCode(document.status(), document.verify(), document.findings()), List.of());
    }

    /** {@return true if the median response time rose over the measured phase: so does that of an overload} */
    public boolean isRising() {
        return SteadyCheck.drift(RunReader.read(directory).measuredSeconds().stream().filter(row -> row.p50Ns() >= 0)
            .map(row -> (double) row.p50Ns()).toList(), 2) > 0;
    }
}
