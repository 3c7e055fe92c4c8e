package io.millrace.load.driver.lean;

import io.millrace.load.driver.DriverProducer;
import io.millrace.load.workload.Keys;
import io.millrace.load.workload.RecordLengths;
import io.millrace.load.workload.Workload;
import io.millrace.transport.kafka.message.InitProducerId;

/**
 * One logical producer over all partitions; owned by the sending thread. Fills one partition's batch at a time and goes
 * on to the next partition when that batch has left, is full, or has waited its time and cannot leave.
 */
final class LeanProducer implements DriverProducer {
    private final LeanSession session;
    private final int producerId;
    private final Lane[] lanes;
    private final RecordLengths lengths;
    private final Keys keys;
    private final byte[] key;
    private long number;
    private int current;
    private boolean isMoving;

    LeanProducer(
        final LeanSession session,
        final int producerId,
        final Workload workload,
        final InitProducerId.Response id) {
        this.session = session;
        this.producerId = producerId;
        lengths = workload.lengths();
        keys = workload.keys();
        key = keys.isNone() ? null : new byte[Keys.LENGTH];
        lanes = new Lane[workload.laneCount()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = new Lane(session, this, i, id);
        }
        current = producerId % lanes.length;
    }

    int producerId() {
        return producerId;
    }

    @Override
    public boolean offer(final long dueNs, final long nowNs) {
        if (!session.hasRoom()) {
            return false;
        }
        if (isMoving) {
            isMoving = false;
            current = current + 1 == lanes.length ? 0 : current + 1;
        }
        final Lane lane = lanes[key == null ? current : partitionOfKey()];
        if (!lane.add(lengths.length(producerId, lane.partition, lane.nextSequence()), key, dueNs, nowNs)) {
            return false;
        }
        number++;
        session.activate(lane);
        if (!lane.hasOpen()) {
            isMoving = true;
        }
        return true;
    }

    /** A record refused is offered again with the same key: the number counts what was taken. */
    private int partitionOfKey() {
        Keys.write(keys.key(producerId, number), key);
        return Keys.partition(key, lanes.length);
    }

    /** The batch of this lane has left, or waits although its time is over: others may go elsewhere. */
    void onLaneServed(final Lane lane) {
        if (lanes[current] == lane) {
            isMoving = true;
        }
    }

    void onDisconnect(final Link link) {
        for (final Lane lane : lanes) {
            if (lane.link == link) {
                lane.onDisconnect();
            }
        }
    }

    void close() {
        for (final Lane lane : lanes) {
            lane.close();
        }
    }
}
