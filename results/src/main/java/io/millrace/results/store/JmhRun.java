package io.millrace.results.store;

import io.millrace.results.model.JmhResult;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunStatus;

import java.nio.file.Path;
import java.util.List;

/**
 * A run of JMH benchmarks as read from its directory.
 *
 * @param dir      where it was read
 * @param document its {@code run.json}
 * @param results  in JMH's order; empty if it was interrupted before anything was measured
 * @param warnings sentences on what is not as it should be
 */
public record JmhRun(Path dir, RunDocument document, List<JmhResult> results, List<String> warnings) {
    /** {@return how the run stands; one that never ended counts as interrupted} */
    public RunStatus status() {
        return document.status() == RunStatus.RUNNING ? RunStatus.INTERRUPTED : document.status();
    }
}
