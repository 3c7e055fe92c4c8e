package io.millrace.load.record;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Stalls of processes within the measured phase alone: those before and after have touched no figure, and the quiet of
 * a long drain would hide what has. Owned by the run's thread.
 */
public final class MeasuredStalls {
    private static final String MEASURE = "measure";

    private final Map<String, Histogram> byProcess = new TreeMap<>();

    /** None yet. */
    public MeasuredStalls() {
    }

    /**
     * Adds those of an interval.
     *
     * @param phase   it belongs to; only the measured one counts
     * @param process that stalled
     * @param stalls  of it
     */
    public void add(final String phase, final String process, final Histogram stalls) {
        if (MEASURE.equals(phase)) {
            byProcess.computeIfAbsent(process, name -> {
                final Histogram all = new Histogram(3);
                all.setAutoResize(true);
                return all;
            }).add(stalls);
        }
    }

    /** {@return each process by itself, by name} */
    public Map<String, Histogram> byProcess() {
        return byProcess;
    }
}
