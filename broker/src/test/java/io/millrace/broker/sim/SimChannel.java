package io.millrace.broker.sim;

import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/** One stream from one broker to another: in order and without gaps until its session dies. Owned by the one thread. */
final class SimChannel {
    /** One message on its way. */
    record Message(byte[] bytes, long deliverNs) {
    }

    final int from;
    final int to;
    final int stream;

    private final SimNetwork network;
    private final RandomGenerator random;
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    private boolean connected;
    private long reconnectNs;
    private long lastDeliverNs;
    private int windowUsed;
    private int consumedUnreported;

    SimChannel(
        final SimNetwork network, final RandomGenerator random, final int from, final int to, final int stream) {
        this.network = network;
        this.random = random;
        this.from = from;
        this.to = to;
        this.stream = stream;
    }

    boolean isConnected() {
        update();
        return connected;
    }

    boolean hasRoom(final int length) {
        return windowUsed == 0 || windowUsed + length <= network.windowLength();
    }

    void send(final byte[] bytes) {
        windowUsed += bytes.length;
        lastDeliverNs = Math.max(lastDeliverNs, network.nowNs() + network.nextDelayNs());
        queue.add(new Message(bytes, lastDeliverNs));
    }

    /** {@return the next message that has arrived, or null} */
    byte[] poll() {
        update();
        final Message head = queue.peek();
        if (head == null || head.deliverNs > Math.min(network.nowNs(), network.openUntilNs(from, to))) {
            return null;
        }
        queue.poll();
        consumedUnreported += head.bytes.length;
        return head.bytes;
    }

    int queuedCount() {
        return queue.size();
    }

    private void update() {
        final boolean forth = network.isOpen(from, to);
        final boolean back = network.isOpen(to, from);
        if (back) {
            windowUsed -= consumedUnreported; // status messages get through
            consumedUnreported = 0;
        }
        if (connected) {
            if (!forth && network.blockedForNs(from, to) > network.sessionTimeoutNs()
                || !back && network.blockedForNs(to, from) > network.sessionTimeoutNs()) {
                die();
            }
        } else if (forth && back && network.isUp(from) && network.isUp(to) && network.nowNs() >= reconnectNs) {
            connected = true;
            windowUsed = 0;
            consumedUnreported = 0;
        }
    }

    /** The session ends: what has not arrived is lost, and of what waits to be polled maybe the rest. */
    void die() {
        if (!connected) {
            return;
        }
        connected = false;
        reconnectNs = network.nowNs() + random.nextLong(network.reconnectMaxNs());
        final int keep = network.isUp(to) && random.nextBoolean() ? random.nextInt(queue.size() + 1) : 0;
        int kept = 0;
        final int before = queue.size();
        for (final var iterator = queue.iterator(); iterator.hasNext();) {
            final Message message = iterator.next();
            if (kept < keep && message.deliverNs <= network.nowNs()) {
                kept++;
            } else {
                iterator.remove();
                kept = keep; // nothing behind a gap
            }
        }
        network.counters().sessionsDied++;
        network.counters().messagesLost += before - queue.size();
    }

    /** The receiving process is gone, and with it what it had not polled. */
    void clear() {
        network.counters().messagesLost += queue.size();
        queue.clear();
    }
}
