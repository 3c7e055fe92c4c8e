package io.millrace.targets.wire;

import io.millrace.load.driver.DriverProducer;
import io.millrace.load.workload.Keys;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.RecordHeader;
import io.millrace.load.workload.RecordLengths;
import io.millrace.load.workload.Workload;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * One logical producer; owned by the sending thread. Without keys it takes partitions in turn, record by record: no
 * system here makes batches by partition, so there is nothing to stay for.
 */
final class PeerProducer implements DriverProducer {
    private final PeerSession session;
    private final int producerId;
    private final long runId;
    private final RecordLengths lengths;
    private final Keys keys;
    private final byte[] key = new byte[Keys.LENGTH];
    private final ByteBuffer record;
    private final CRC32C crc = new CRC32C();
    private final int[] nextSequence;
    private int length;
    private int lane;
    private long number;

    PeerProducer(
        final PeerSession session,
        final Workload workload,
        final int producerId,
        final long runId,
        final Payload payload) {
        this.session = session;
        this.producerId = producerId;
        this.runId = runId;
        lengths = workload.lengths();
        keys = workload.keys();
        nextSequence = new int[workload.laneCount()];
        lane = producerId % nextSequence.length;
        record = ByteBuffer.allocateDirect(lengths.maxLength());
        payload.fill(producerId, record, 0, record.capacity());
    }

    @Override
    public boolean offer(final long dueNs, final long nowNs) {
        if (!session.hasRoom()) {
            return false;
        }
        final int to = nextLane();
        final int sequence = nextSequence[to]++;
        length = lengths.length(producerId, to, sequence);
        RecordHeader.prepare(record, 0, runId, producerId, to);
        RecordHeader.patch(record, 0, length, sequence, dueNs, crc);
        session.publish(this, to, sequence, dueNs, nowNs);
        return true;
    }

    int producerId() {
        return producerId;
    }

    /** {@return the record that was made last, from index 0 on} */
    ByteBuffer record() {
        return record.clear();
    }

    int length() {
        return length;
    }

    private int nextLane() {
        if (!keys.isNone()) {
            Keys.write(keys.key(producerId, number++), key);
            return Keys.partition(key, nextSequence.length);
        }
        final int to = lane;
        lane = to + 1 == nextSequence.length ? 0 : to + 1;
        return to;
    }
}
