package io.millrace.targets.store;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;

/** Looks at each partition in turn; nobody tells it of news, so it rests a little when there are none. */
final class StoreConsumer implements ConsumerSession {
    private static final int READ_COUNT = 500;
    private static final long REST_NS = 50_000L;

    private final LaneStore.Reader[] readers;
    private final int[] lanes;
    private final long[] toSkip;

    StoreConsumer(final LaneStore.Reader[] readers, final int[] lanes, final long[] startOffsets) {
        this.readers = readers.clone();
        this.lanes = lanes.clone();
        toSkip = startOffsets.clone();
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler handler) {
        final long deadlineNs = System.nanoTime() + maxNs;
        while (true) {
            int count = 0;
            for (int i = 0; i < readers.length; i++) {
                toSkip[i] -= toSkip[i] > 0 ? readers[i].skip(toSkip[i]) : 0;
                if (toSkip[i] == 0) {
                    count += readers[i].read(lanes[i], READ_COUNT, handler);
                }
            }
            if (count > 0 || System.nanoTime() - deadlineNs >= 0) {
                return count;
            }
            LockSupport.parkNanos(REST_NS);
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(readers);
    }
}
