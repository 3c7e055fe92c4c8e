package io.millrace.targets.store;

import io.millrace.targets.wire.PublishProtocol;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;

/** Appends what is due, then commits each partition that has something new. Owned by the sending thread. */
final class StorePublisher implements PublishProtocol {
    private static final int MAX_PENDING = 8_192;

    private final LaneStore.Appender[] appenders;
    private final boolean[] isDirty;
    private final int[] dirtyLanes;
    private final int[] slots = new int[MAX_PENDING];
    private int dirtyCount;
    private int pendingCount;

    StorePublisher(final LaneStore.Appender[] appenders) {
        this.appenders = appenders.clone();
        isDirty = new boolean[appenders.length];
        dirtyLanes = new int[appenders.length];
    }

    @Override
    public boolean hasRoom() {
        return pendingCount < MAX_PENDING;
    }

    @Override
    public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
        appenders[lane].append(record, length);
        slots[pendingCount++] = slot;
        if (!isDirty[lane]) {
            isDirty[lane] = true;
            dirtyLanes[dirtyCount++] = lane;
        }
    }

    @Override
    public int poll(final Answers answers) {
        final int count = pendingCount;
        for (int i = 0; i < dirtyCount; i++) {
            appenders[dirtyLanes[i]].commit();
            isDirty[dirtyLanes[i]] = false;
        }
        dirtyCount = 0;
        for (int i = 0; i < count; i++) {
            answers.onAcked(slots[i]);
        }
        pendingCount = 0;
        return count;
    }

    @Override
    public void await(final long maxNs) {
        LockSupport.parkNanos(maxNs);
    }

    @Override
    public void close() {
        CloseHelper.closeAll(appenders);
    }
}
