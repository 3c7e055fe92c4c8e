package io.millrace.engine.log;

import io.millrace.engine.PartitionNews;
import io.millrace.engine.index.PartitionMap;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/**
 * Which partitions somebody waits for. The engine thread says what was written, one network thread watches.
 *
 * <p>Either the engine thread sees the watch, or the network thread, which looks at the log's end after it began to
 * watch, sees what was written: both store first and load then, with a full fence between.
 */
final class PartitionWatches implements PartitionNews {
    private static final class Watch {
        private static final int IDLE = 0;
        private static final int WATCHED = 1;
        private static final int WRITTEN = 2;

        final int partitionId;
        /** Watched and idle are set by the network thread, written by the engine thread, which only changes watched. */
        volatile int state;
        Watch next;

        Watch(final int partitionId) {
            this.partitionId = partitionId;
        }
    }

    private final PartitionMap<Watch> watches = new PartitionMap<>();
    /** Those written to, newest first. */
    private final AtomicReference<Watch> written = new AtomicReference<>();

    @Override
    public void watch(final int partitionId) {
        Watch watch = watches.get(partitionId);
        if (watch == null) {
            watch = new Watch(partitionId);
            watches.add(partitionId, watch);
        }
        if (watch.state == Watch.IDLE) {
            watch.state = Watch.WATCHED;
        }
        VarHandle.fullFence(); // before whatever the caller reads of the log
    }

    @Override
    public int take(final IntConsumer consumer) {
        int count = 0;
        Watch watch = written.get() == null ? null : written.getAndSet(null);
        while (watch != null) {
            final Watch next = watch.next;
            watch.next = null;
            watch.state = Watch.IDLE; // from here on the engine thread leaves it alone
            consumer.accept(watch.partitionId);
            watch = next;
            count++;
        }
        return count;
    }

    /** Before {@link #onWritten}, once for all partitions whose new ends were published. Engine thread. */
    static void publish() {
        VarHandle.fullFence();
    }

    /** Notes that a partition's end moved. Engine thread. */
    void onWritten(final int partitionId) {
        final Watch watch = watches.get(partitionId);
        if (watch != null && watch.state == Watch.WATCHED) {
            watch.state = Watch.WRITTEN;
            Watch head;
            do {
                head = written.get();
                watch.next = head;
            } while (!written.compareAndSet(head, watch));
        }
    }
}
