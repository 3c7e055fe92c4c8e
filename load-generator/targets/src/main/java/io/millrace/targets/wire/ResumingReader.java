package io.millrace.targets.wire;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * A consumer that goes on where it was when its server is lost and another one, or the same again, can be reached.
 * Owned by the thread that polls it.
 */
public final class ResumingReader implements ConsumerSession, RecordSource.Handler {
    private static final long RECONNECT_NS = 200_000_000L;

    private final Opener opener;
    private final Runnable atClose;
    private final int[] lanes;
    private final long[] offsets;
    private final Map<Integer, Integer> places = new HashMap<>();
    private ConsumerSession session;
    private RecordSource.Handler handler;
    private long nextConnectNs;

    /**
     * Connects.
     *
     * @param lanes        partitions it reads
     * @param startOffsets of each of them
     * @param opener       opens the consumer
     */
    public ResumingReader(final int[] lanes, final long[] startOffsets, final Opener opener) {
        this(lanes, startOffsets, opener, () -> { });
    }

    /**
     * Connects.
     *
     * @param lanes        partitions it reads
     * @param startOffsets of each of them
     * @param opener       opens the consumer
     * @param atClose      closes what outlives each connection
     */
    public ResumingReader(
        final int[] lanes, final long[] startOffsets, final Opener opener, final Runnable atClose) {
        this.opener = opener;
        this.atClose = atClose;
        this.lanes = lanes.clone();
        offsets = startOffsets.clone();
        for (int i = 0; i < lanes.length; i++) {
            places.put(lanes[i], i);
        }
        session = opener.open(this.lanes, offsets.clone());
    }

    /** Opens a consumer. */
    @FunctionalInterface
    public interface Opener {
        /**
         * Connects and begins to read.
         *
         * @param lanes   partitions to read
         * @param offsets of each: records before the first one
         * @return the consumer
         */
        ConsumerSession open(int[] lanes, long[] offsets);
    }

    @Override
    public int poll(final long maxNs, final RecordSource.Handler to) {
        handler = to;
        final long nowNs = System.nanoTime();
        if (session == null) {
            if (nowNs - nextConnectNs < 0) {
                LockSupport.parkNanos(Math.min(maxNs, nextConnectNs - nowNs));
                return 0;
            }
            try {
                session = opener.open(lanes, offsets.clone());
            } catch (final Wire.WireException | TargetUnreachableException | TargetRefusedException ex) {
                nextConnectNs = System.nanoTime() + RECONNECT_NS;
                return 0;
            }
        }
        try {
            return session.poll(maxNs, this);
        } catch (final Wire.WireException | TargetUnreachableException ex) {
            session.close();
            session = null;
            nextConnectNs = System.nanoTime() + RECONNECT_NS;
            return 0;
        }
    }

    @Override
    public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
        offsets[places.get(partition)]++;
        handler.onRecord(partition, buffer, index, length);
    }

    @Override
    public void onDamagedBatch(final int partition, final long offset, final String reason) {
        handler.onDamagedBatch(partition, offset, reason);
    }

    @Override
    public boolean isStopped() {
        return handler.isStopped();
    }

    @Override
    public void close() {
        if (session != null) {
            session.close();
        }
        atClose.run();
    }
}
