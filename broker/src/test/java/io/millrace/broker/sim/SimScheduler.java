package io.millrace.broker.sim;

import java.util.PriorityQueue;
import java.util.random.RandomGenerator;

/** Virtual time: events in the order of (time, seeded tie-break). Owned by the one thread. */
final class SimScheduler {
    private record Event(long ns, long tieBreak, long sequence, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(final Event other) {
            int order = Long.compare(ns, other.ns);
            order = order == 0 ? Long.compare(tieBreak, other.tieBreak) : order;
            return order == 0 ? Long.compare(sequence, other.sequence) : order;
        }
    }

    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final RandomGenerator random;
    private long nowNs;
    private long sequence;
    private long trace = 1;

    SimScheduler(final RandomGenerator random) {
        this.random = random;
    }

    long nowNs() {
        return nowNs;
    }

    void after(final long delayNs, final Runnable action) {
        queue.add(new Event(nowNs + Math.max(1, delayNs), random.nextLong(), sequence++, action));
    }

    /** Runs the next event, unless it is later than the limit. */
    boolean runNext(final long limitNs) {
        final Event event = queue.peek();
        if (event == null || event.ns > limitNs) {
            nowNs = limitNs;
            return false;
        }
        queue.poll();
        nowNs = event.ns;
        trace(event.ns ^ event.tieBreak);
        event.action.run();
        return true;
    }

    /** Mixes something that happened into the hash which two runs of a seed must share. */
    void trace(final long value) {
        trace = (trace ^ value) * 0x9E3779B97F4A7C15L;
        trace ^= trace >>> 29;
    }

    long traceHash() {
        return trace;
    }
}
