package io.millrace.engine.log;

import io.millrace.engine.LogPin;
import io.millrace.engine.segment.Segment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which partitions keep dead records in a log. Stateless; any thread, cold: it walks over all indexes. */
public final class LogPins {
    private LogPins() {
    }

    /**
     * {@return the partitions that keep most, those in the oldest segments first; none when nothing dead is kept}
     *
     * @param log      to look at
     * @param maxCount how many at most
     */
    public static List<LogPin> of(final SegmentedLog log, final int maxCount) {
        final Segment[] now = log.segments().snapshot();
        final int sealedCount = now.length - 1; // the newest is not given back, whatever is in it
        final Map<Integer, Integer> firstLive = new HashMap<>();
        final long[] deadFrom = new long[Math.max(1, now.length)];
        for (int i = 0; i < sealedCount; i++) {
            if (now[i].tryPin()) { // else it was just given back
                deadFrom[i] = visit(log, now[i], i, firstLive);
                now[i].unpin();
            }
        }
        for (int i = sealedCount - 2; i >= 0; i--) {
            deadFrom[i] += deadFrom[i + 1];
        }
        final List<LogPin> pins = new ArrayList<>();
        for (int i = 0; i < sealedCount && pins.size() < maxCount && deadFrom[i] > 0; i++) {
            for (final Map.Entry<Integer, Integer> partition : firstLive.entrySet()) {
                if (partition.getValue() == i && pins.size() < maxCount) {
                    pins.add(new LogPin(partition.getKey(), deadFrom[i]));
                }
            }
        }
        return pins;
    }

    /** {@return bytes of dead batches in one segment} */
    private static long visit(
        final SegmentedLog log, final Segment segment, final int number, final Map<Integer, Integer> firstLive) {
        final long[] deadLength = new long[1];
        segment.index().forEachPartition((partitionId, firstOffset, nextOffset, length) -> {
            final PartitionView view = log.view(partitionId);
            if (view != null && nextOffset > view.logStartOffset()) {
                firstLive.putIfAbsent(partitionId, number);
            } else {
                deadLength[0] += length;
            }
            return true;
        });
        return deadLength[0];
    }
}
