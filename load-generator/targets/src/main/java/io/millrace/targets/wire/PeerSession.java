package io.millrace.targets.wire;

import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverProducer;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.Workload;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/**
 * The producers of one sending thread, which owns it, over one publisher. A lost connection fails what was in flight
 * and is opened again.
 */
final class PeerSession implements DriverSession, PublishProtocol.Answers {
    private static final long RECONNECT_NS = 200_000_000L;
    private static final long TIMEOUT_CHECK_NS = 100_000_000L;
    private static final byte FREE = 0;
    private static final byte IN_FLIGHT = 1;
    /** Told as failed, but its answer may still come: until then the slot is not used again. */
    private static final byte GIVEN_UP = 2;

    private final PeerClient client;
    private final List<String> topics;
    private final int partitions;
    private final DeliveryListener listener;
    private final NanoClock clock;
    private final long deliveryTimeoutNs;
    private final PeerProducer[] producers;
    private final byte[] states;
    private final int[] producerIds;
    private final int[] lanes;
    private final int[] sequences;
    private final long[] dueNs;
    private final long[] sentNs;
    private final int[] freeSlots;
    private int freeCount;
    private int inFlightCount;
    private PublishProtocol publisher;
    private long nextConnectNs;
    private long nextCheckNs;

    PeerSession(
        final Workload workload,
        final List<String> topics,
        final int[] ids,
        final long runId,
        final DeliveryListener listener,
        final NanoClock clock,
        final PeerClient client) {
        this.client = client;
        this.topics = topics;
        this.listener = listener;
        this.clock = clock;
        partitions = workload.partitions();
        deliveryTimeoutNs = workload.deliveryTimeoutNs();
        final int window = Math.max(1, (int) ((long) workload.inFlightCount() * ids.length / workload.producers()));
        states = new byte[window];
        producerIds = new int[window];
        lanes = new int[window];
        sequences = new int[window];
        dueNs = new long[window];
        sentNs = new long[window];
        freeSlots = new int[window];
        freeAll();
        final Payload payload = Payload.of(workload.payload(), workload.seed());
        producers = new PeerProducer[ids.length];
        for (int i = 0; i < ids.length; i++) {
            producers[i] = new PeerProducer(this, workload, ids[i], runId, payload);
        }
        publisher = client.publisher(topics, partitions);
    }

    @Override
    public DriverProducer producer(final int index) {
        return producers[index];
    }

    /** {@return true if one more record can be taken} */
    boolean hasRoom() {
        return freeCount > 0 && publisher != null && publisher.hasRoom();
    }

    void publish(final PeerProducer producer, final int lane, final int sequence, final long due, final long sent) {
        final int slot = freeSlots[--freeCount];
        states[slot] = IN_FLIGHT;
        producerIds[slot] = producer.producerId();
        lanes[slot] = lane;
        sequences[slot] = sequence;
        dueNs[slot] = due;
        sentNs[slot] = sent;
        inFlightCount++;
        listener.onSent(producer.producerId(), lane, sequence, due, sent);
        try {
            publisher.publish(lane, slot, producer.record(), producer.length());
        } catch (final Wire.WireException ex) {
            onLost(ex);
        }
    }

    @Override
    public int poll(final long nowNs) {
        if (publisher == null) {
            return nowNs - nextConnectNs < 0 ? 0 : reconnect(nowNs);
        }
        try {
            final int workCount = publisher.poll(this);
            if (nowNs - nextCheckNs >= 0) {
                nextCheckNs = nowNs + TIMEOUT_CHECK_NS;
                giveUpLate(nowNs);
            }
            return workCount;
        } catch (final Wire.WireException ex) {
            onLost(ex);
            return 1;
        }
    }

    @Override
    public int inFlightCount() {
        return inFlightCount;
    }

    @Override
    public void await(final long maxNs) {
        if (publisher == null) {
            DriverSession.super.await(maxNs);
            return;
        }
        try {
            publisher.await(maxNs);
        } catch (final Wire.WireException ex) {
            onLost(ex);
        }
    }

    @Override
    public void drain() {
        // Nothing waits for a fuller batch.
    }

    @Override
    public void close() {
        failAll("CLOSED");
        if (publisher != null) {
            publisher.close();
        }
    }

    @Override
    public void onAcked(final int slot) {
        if (states[slot] == IN_FLIGHT) {
            inFlightCount--;
            listener.onAcked(producerIds[slot], lanes[slot], sequences[slot], dueNs[slot], sentNs[slot],
                clock.nanoTime());
        }
        free(slot);
    }

    @Override
    public void onFailed(final int slot, final String error) {
        fail(slot, error);
        free(slot);
    }

    private void fail(final int slot, final String error) {
        if (states[slot] == IN_FLIGHT) {
            inFlightCount--;
            states[slot] = GIVEN_UP;
            listener.onFailed(producerIds[slot], lanes[slot], sequences[slot], dueNs[slot], clock.nanoTime(), error);
        }
    }

    private void free(final int slot) {
        if (states[slot] != FREE) {
            states[slot] = FREE;
            freeSlots[freeCount++] = slot;
        }
    }

    private void freeAll() {
        freeCount = 0;
        for (int i = states.length - 1; i >= 0; i--) {
            states[i] = FREE;
            freeSlots[freeCount++] = i;
        }
    }

    private void giveUpLate(final long nowNs) {
        if (inFlightCount == 0) {
            return;
        }
        for (int i = 0; i < states.length; i++) {
            if (states[i] == IN_FLIGHT && nowNs - sentNs[i] > deliveryTimeoutNs) {
                fail(i, "DELIVERY_TIMEOUT");
                if (publisher.forget(i)) {
                    free(i);
                }
            }
        }
    }

    private void failAll(final String error) {
        for (int i = 0; i < states.length; i++) {
            fail(i, error);
        }
    }

    private void onLost(final Wire.WireException reason) {
        listener.onEvent("connection lost", reason.getMessage());
        publisher.close();
        publisher = null;
        failAll("DISCONNECTED");
        freeAll(); // no answer comes any more
        nextConnectNs = clock.nanoTime() + RECONNECT_NS;
    }

    private int reconnect(final long nowNs) {
        try {
            publisher = client.publisher(topics, partitions);
            return 1;
        } catch (final Wire.WireException ex) {
            nextConnectNs = nowNs + RECONNECT_NS;
            return 0;
        }
    }
}
