package io.millrace.results.statistics;

import io.millrace.results.model.Experiment;
import io.millrace.results.model.JmhResult;
import io.millrace.results.store.ExperimentData;
import io.millrace.results.store.JmhRun;
import io.millrace.results.store.RunData;

import java.util.List;
import java.util.Locale;

/**
 * One side of a comparison.
 *
 * @param name what the user called it
 * @param data everything read
 * @param part leg of an experiment (its name or label), or a piece of the name of a benchmark method, with its class if
 *             there is a dot in it; null for all
 */
public record Side(String name, ExperimentData data, String part) {
    /** {@return the runs with load that belong to it} */
    public List<RunData> runs() {
        if (part == null) {
            return data.runs();
        }
        return data.runs().stream().filter(run -> part.equals(run.document().leg())
            || part.equals(run.document().legLabel())).toList();
    }

    /** {@return its JMH runs, with all their results} */
    public List<JmhRun> jmhRuns() {
        return data.jmhRuns();
    }

    /** {@return true if this result of a JMH run belongs to it} */
    boolean has(final JmhResult result) {
        if (part == null) {
            return true;
        }
        // Classes are often called after what all their methods do, so a bare word asks for methods.
        final String name = part.contains(".") ? result.benchmark()
            : result.benchmark().substring(result.benchmark().lastIndexOf('.') + 1);
        return name.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    /** {@return names of the parts it can be narrowed to} */
    public List<String> parts() {
        return data.experiment().legs() == null ? List.of()
            : data.experiment().legs().stream().map(Experiment.Leg::name).toList();
    }
}
