package io.millrace.broker.sim;

import io.millrace.transport.replication.ReplicaLink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The network between simulated brokers, over virtual time. Owned by the one thread.
 *
 * <p>Faults it can make: delay; one-way and two-way partitions (a session outlives a short one, the sender's window
 * fills meanwhile; it dies in a long one); sessions that die with the loss of what was not polled, at once connected
 * anew or not; back pressure and admin action out of the blue; a process gone with all it had not polled. Faults it
 * never makes, as Aeron does not: gaps, duplicates or disorder within a session.
 */
public final class SimNetwork {
    /** What happened. */
    public static final class Counters {
        public long messages;
        public long bytes;
        public long messagesLost;
        public long sessionsDied;
        public long backPressured;
        public long partitions;
        public long catchUpMessages;
    }

    private final RandomGenerator random;
    private final Counters counters = new Counters();
    private final Map<Integer, SimLink> links = new HashMap<>();
    private final List<SimChannel> channels = new ArrayList<>();
    private final Map<Long, Long> blockedSinceNs = new HashMap<>();
    private long nowNs;

    private long minDelayNs = 20_000;
    private long maxDelayNs = 200_000;
    private double backPressureProbability;
    private int windowLength = 128 << 10;
    private int maxChunkMessageLength = 4096;
    private long sessionTimeoutNs = 400_000_000L;
    private long reconnectMaxNs = 50_000_000L;

    public SimNetwork(final RandomGenerator random) {
        this.random = random;
    }

    // --- settings

    public void delay(final long minNs, final long maxNs) {
        minDelayNs = minNs;
        maxDelayNs = maxNs;
    }

    public void backPressureProbability(final double probability) {
        backPressureProbability = probability;
    }

    public void windowLength(final int length) {
        windowLength = length;
    }

    public void maxChunkMessageLength(final int length) {
        maxChunkMessageLength = length;
    }

    // --- time and processes

    public void nowNs(final long newNowNs) {
        nowNs = newNowNs;
    }

    long nowNs() {
        return nowNs;
    }

    /** A process starts: its link, connected to whoever is there. */
    public SimLink start(final int brokerId) {
        final SimLink link = new SimLink(brokerId, this);
        links.put(brokerId, link);
        return link;
    }

    /** A process is gone. */
    public void stop(final int brokerId) {
        final SimLink link = links.remove(brokerId);
        if (link != null) {
            link.close();
        }
        for (final SimChannel channel : channels) {
            if (channel.from == brokerId || channel.to == brokerId) {
                channel.die();
            }
            if (channel.to == brokerId) {
                channel.clear();
            }
        }
    }

    boolean isUp(final int brokerId) {
        return links.containsKey(brokerId);
    }

    // --- faults

    /** Lets nothing through in one direction, or everything again. */
    public void block(final int from, final int to, final boolean blocked) {
        if (blocked) {
            if (blockedSinceNs.putIfAbsent(key(from, to), nowNs) == null) {
                counters.partitions++;
            }
        } else {
            blockedSinceNs.remove(key(from, to));
        }
    }

    public void healAll() {
        blockedSinceNs.clear();
        backPressureProbability = 0;
    }

    public void killSession(final int from, final int to, final int stream) {
        channel(from, to, stream).die();
    }

    public void killSessions(final int brokerId) {
        for (final SimChannel channel : channels) {
            if (channel.from == brokerId || channel.to == brokerId) {
                channel.die();
            }
        }
    }

    boolean isOpen(final int from, final int to) {
        return !blockedSinceNs.containsKey(key(from, to));
    }

    long openUntilNs(final int from, final int to) {
        return blockedSinceNs.getOrDefault(key(from, to), Long.MAX_VALUE);
    }

    long blockedForNs(final int from, final int to) {
        final Long since = blockedSinceNs.get(key(from, to));
        return since == null ? 0 : nowNs - since;
    }

    // --- for channels and links

    public Counters counters() {
        return counters;
    }

    long nextDelayNs() {
        return maxDelayNs <= minDelayNs ? minDelayNs : random.nextLong(minDelayNs, maxDelayNs);
    }

    long sessionTimeoutNs() {
        return sessionTimeoutNs;
    }

    long reconnectMaxNs() {
        return reconnectMaxNs;
    }

    int windowLength() {
        return windowLength;
    }

    int maxMessageLength(final int stream) {
        return stream == ReplicaLink.CONTROL_STREAM ? 1376 : maxChunkMessageLength;
    }

    /** {@return a code that refuses a message for no reason, or 0} */
    long whim() {
        if (backPressureProbability > 0 && random.nextDouble() < backPressureProbability) {
            counters.backPressured++;
            return random.nextBoolean() ? ReplicaLink.BACK_PRESSURED : ReplicaLink.ADMIN_ACTION;
        }
        return 0;
    }

    int nextInt(final int bound) {
        return random.nextInt(bound);
    }

    SimChannel channel(final int from, final int to, final int stream) {
        for (final SimChannel channel : channels) {
            if (channel.from == from && channel.to == to && channel.stream == stream) {
                return channel;
            }
        }
        final SimChannel channel = new SimChannel(this, random, from, to, stream);
        channels.add(channel);
        channels.sort((a, b) -> a.stream != b.stream ? Integer.compare(b.stream, a.stream)
            : Integer.compare(a.from, b.from)); // control first
        return channel;
    }

    List<SimChannel> channels() {
        return channels;
    }

    private static long key(final int from, final int to) {
        return (long) from << 32 | to;
    }
}
