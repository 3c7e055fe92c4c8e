package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataReplica;
import io.millrace.broker.metadata.MetadataResult;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The metadata quorum as its clients see it: the real state machine behind sessions that time out. What it decides
 * reaches each broker in order and late; commands come late, twice or never; while it has no leader of its own it does
 * nothing, and forgives every session the time.
 */
final class SimQuorum {
    /** Hears of each decision. */
    interface Listener {
        void onDecided(MetadataImage previous, MetadataImage image);
    }

    /** What kind of word a broker gets. */
    enum Kind { OPENED, PUSH, ANSWER, ALIVE }

    /**
     * Word to a broker.
     *
     * @param kind          of it
     * @param sessionId     it is for
     * @param number        of the command answered, or the local time of the keep-alive
     * @param delta         or null
     * @param result        or null
     * @param deliverNs     when it has arrived
     */
    record Word(Kind kind, long sessionId, long number, byte[] delta, MetadataResult result, long deliverNs) {
    }

    private static final class Session {
        final long id;
        final int brokerId;
        final int incarnation;
        long heardNs;

        Session(final long id, final int brokerId, final int incarnation, final long nowNs) {
            this.id = id;
            this.brokerId = brokerId;
            this.incarnation = incarnation;
            this.heardNs = nowNs;
        }
    }

    private static final long MAX_DELAY_NS = 30_000_000L;
    /** How old a copy of a command may be that is decided once more. */
    private static final long MAX_COPY_DELAY_NS = 600_000_000L;
    private static final long CHECK_INTERVAL_NS = 10_000_000L;
    private static final long NS_PER_MS = 1_000_000L;
    private static final long OPERATOR_SESSION = 0;

    private final Simulation simulation;
    private final SimScheduler scheduler;
    private final RandomGenerator random;
    private final SimNode[] nodes;
    private final Listener listener;
    private final SimClock clock;
    private final MetadataReplica replica = new MetadataReplica();
    private final TreeMap<Long, Session> sessions = new TreeMap<>();
    private final long[] arrivalNs = new long[SimOptions.BROKER_COUNT + 1];
    private final long[] deliveryNs = new long[SimOptions.BROKER_COUNT + 1];
    private final boolean[] cutTo = new boolean[SimOptions.BROKER_COUNT + 1];
    private final boolean[] cutFrom = new boolean[SimOptions.BROKER_COUNT + 1];
    private MetadataImage image = MetadataImage.EMPTY;
    private boolean lossy;
    private boolean down;
    private long lastSessionId;

    SimQuorum(final Simulation simulation, final RandomGenerator random, final SimNode[] nodes,
        final Listener listener) {
        this.simulation = simulation;
        this.scheduler = simulation.scheduler();
        this.random = random;
        this.nodes = nodes;
        this.listener = listener;
        clock = new SimClock(scheduler, random, simulation.options().maxDriftPpm());
    }

    void start() {
        scheduler.after(CHECK_INTERVAL_NS, this::checkSessions);
    }

    /** {@return what is decided} */
    MetadataImage image() {
        return image;
    }

    // --- faults

    void cut(final int brokerId, final boolean to, final boolean from) {
        cutTo[brokerId] = to;
        cutFrom[brokerId] = from;
    }

    /** Loses a part of what comes and of the answers. */
    void lossy(final boolean newLossy) {
        lossy = newLossy;
    }

    void down(final boolean newDown) {
        if (down && !newDown) {
            sessions.values().forEach(session -> session.heardNs = clock.nanoTime()); // as a new leader does
        }
        down = newDown;
    }

    void heal() {
        for (int id = 1; id < cutTo.length; id++) {
            cut(id, false, false);
        }
        lossy = false;
        down(false);
    }

    boolean isCutFrom(final int brokerId) {
        return cutFrom[brokerId];
    }

    // --- what brokers say

    void open(final int brokerId, final int incarnation) {
        arrive(brokerId, () -> {
            final Session session = new Session(++lastSessionId, brokerId, incarnation, clock.nanoTime());
            sessions.put(session.id, session);
            tell(session, Kind.OPENED, 0, replica.snapshot(), null);
        });
    }

    void keepAlive(final int brokerId, final long sessionId, final long localNs) {
        arrive(brokerId, () -> {
            final Session session = sessions.get(sessionId);
            if (session != null) {
                session.heardNs = clock.nanoTime();
                tell(session, Kind.ALIVE, localNs, null, null);
            }
        });
    }

    void command(final int brokerId, final long sessionId, final long number, final MetadataCommand command) {
        final byte[] bytes = MetadataBytes.encode(command);
        arrive(brokerId, () -> onCommand(sessionId, number, bytes));
        if (lossy && command.isRepeatable() && random.nextInt(4) == 0) {
            simulation.counters().count("late copies of commands");
            scheduler.after(random.nextLong(MAX_COPY_DELAY_NS), () -> onCommand(sessionId, number, bytes));
        }
    }

    private void onCommand(final long sessionId, final long number, final byte[] command) {
        final Session session = sessions.get(sessionId);
        if (session == null || down || cutTo[session.brokerId]) {
            return;
        }
        session.heardNs = clock.nanoTime();
        final MetadataResult result = decide(command, sessionId);
        if (lossy && random.nextInt(4) == 0) {
            simulation.counters().count("answers of the quorum lost");
        } else {
            tell(session, Kind.ANSWER, number, null, result);
        }
    }

    /** A broker leaves in order. */
    void close(final int brokerId, final long sessionId) {
        arrive(brokerId, () -> closeSession(sessionId));
    }

    /** An operator's command; who passes it on does not matter. */
    MetadataResult operate(final MetadataCommand command) {
        return decide(MetadataBytes.encode(command), OPERATOR_SESSION);
    }

    private void arrive(final int brokerId, final Runnable action) {
        if (lossy && random.nextInt(4) == 0) {
            simulation.counters().count("commands lost");
            return;
        }
        arrivalNs[brokerId] = Math.max(arrivalNs[brokerId], scheduler.nowNs() + random.nextLong(MAX_DELAY_NS)) + 1;
        scheduler.after(arrivalNs[brokerId] - scheduler.nowNs(), () -> {
            if (!down && !cutTo[brokerId]) {
                action.run();
            }
        });
    }

    // --- deciding

    private long nowMs() {
        return clock.nanoTime() / NS_PER_MS;
    }

    private MetadataResult decide(final byte[] command, final long sessionId) {
        final MetadataReplica.Outcome outcome =
            replica.apply(new UnsafeBuffer(command), 0, command.length, sessionId, nowMs());
        if (!outcome.result().isOk()) {
            simulation.counters().count("commands refused");
        }
        publish(outcome.delta());
        return outcome.result();
    }

    private void closeSession(final long sessionId) {
        if (sessions.remove(sessionId) != null) {
            publish(replica.closeSession(sessionId, nowMs()));
        }
    }

    private void checkSessions() {
        if (!down) {
            final long nowNs = clock.nanoTime();
            final List<Long> expired = new ArrayList<>();
            for (final Session session : sessions.values()) {
                if (nowNs - session.heardNs > simulation.options().sessionTimeoutNs()) {
                    expired.add(session.id);
                }
            }
            simulation.counters().count("sessions timed out", expired.size());
            expired.forEach(this::closeSession);
        }
        scheduler.after(CHECK_INTERVAL_NS, this::checkSessions);
    }

    private void publish(final byte[] delta) {
        if (delta == null) {
            return;
        }
        final MetadataImage previous = image;
        image = MetadataBytes.follow(previous, List.of(delta));
        scheduler.trace(image.version());
        listener.onDecided(previous, image);
        sessions.values().forEach(session -> tell(session, Kind.PUSH, 0, delta, null));
    }

    private void tell(
        final Session session, final Kind kind, final long number, final byte[] delta, final MetadataResult result) {
        final int id = session.brokerId;
        deliveryNs[id] = Math.max(deliveryNs[id], scheduler.nowNs() + random.nextLong(MAX_DELAY_NS)) + 1;
        nodes[id].session().take(
            session.incarnation, new Word(kind, session.id, number, delta, result, deliveryNs[id]));
    }
}
