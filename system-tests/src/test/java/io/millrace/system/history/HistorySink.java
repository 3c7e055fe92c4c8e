package io.millrace.system.history;

/** Takes events; any thread. */
@FunctionalInterface
public interface HistorySink {
    /**
     * Takes one.
     *
     * @param event of a client
     */
    void append(HistoryEvent event);
}
