package io.millrace.transport.kafka.server;

import java.util.function.Consumer;

/** Passes lines on, so many per second at most, as a peer may cause any number of them. Owned by the network thread. */
final class EventLog {
    private static final long WINDOW_NS = 1_000_000_000L;

    private final Consumer<String> target;
    private final int maxLinesPerWindow;
    private long windowStartNs;
    private int lineCount;
    private long droppedCount;

    EventLog(final Consumer<String> target, final int maxLinesPerWindow) {
        this.target = target;
        this.maxLinesPerWindow = maxLinesPerWindow;
    }

    void log(final long nowNs, final String line) {
        if (lineCount == 0 || nowNs - windowStartNs > WINDOW_NS) {
            windowStartNs = nowNs;
            lineCount = 0;
            if (droppedCount > 0) {
                target.accept(droppedCount + " more lines were left out");
                droppedCount = 0;
            }
        }
        if (++lineCount > maxLinesPerWindow) {
            droppedCount++;
        } else {
            target.accept(line);
        }
    }
}
