package io.millrace.broker.metadata;

import io.millrace.engine.io.LogStorage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A quorum within this process: one state machine and its sessions. Any thread; one lock, for this is a cold path. With
 * a storage it keeps its state across restarts, which makes it the quorum of a single broker; without, it serves tests
 * and simulation, where several brokers share one.
 */
public final class InMemoryMetadataCluster implements AutoCloseable {
    private static final short KAFKA_STORAGE_ERROR = 56;
    private static final int TAIL_CAPACITY = 1024;

    private final long sessionTimeoutNs;
    private final MetadataLog log;
    private final Map<Long, Long> lastActivityNsBySession = new HashMap<>();
    private final ArrayDeque<MetadataDelta> tail = new ArrayDeque<>();
    private MetadataStateMachine machine = new MetadataStateMachine();
    private boolean stateUnknown;
    private long nextSessionId = 1;

    /**
     * A quorum that forgets.
     *
     * @param sessionTimeoutNs silence after which a session is closed
     */
    public InMemoryMetadataCluster(final long sessionTimeoutNs) {
        this(sessionTimeoutNs, (MetadataLog) null);
    }

    private InMemoryMetadataCluster(final long sessionTimeoutNs, final MetadataLog log) {
        this.sessionTimeoutNs = sessionTimeoutNs;
        this.log = log;
    }

    /**
     * {@return a quorum that remembers}
     *
     * @param sessionTimeoutNs silence after which a session is closed
     * @param storage          a directory of its own
     * @throws IOException             when the disk fails
     * @throws MetadataFormatException when the file there is damaged
     */
    public static InMemoryMetadataCluster open(final long sessionTimeoutNs, final LogStorage storage)
        throws IOException {
        final InMemoryMetadataCluster cluster =
            new InMemoryMetadataCluster(sessionTimeoutNs, new MetadataLog(storage));
        try {
            cluster.reload();
        } catch (final IOException | RuntimeException ex) {
            cluster.log.close();
            throw ex;
        }
        return cluster;
    }

    /**
     * {@return a broker's view of this quorum}
     *
     * @param listener hears of new images
     * @param gate     lets the session lapse
     */
    public InMemoryQuorum connect(final MetadataListener listener, final LivenessGate gate) {
        return new InMemoryQuorum(this, listener, gate);
    }

    long sessionTimeoutNs() {
        return sessionTimeoutNs;
    }

    /** Closes sessions that were silent for too long. */
    synchronized void expire(final long nowNs) {
        final List<Long> expired = new ArrayList<>();
        lastActivityNsBySession.forEach((session, activityNs) -> {
            if (nowNs - activityNs > sessionTimeoutNs) {
                expired.add(session);
            }
        });
        expired.sort(null);
        expired.forEach(sessionId -> closeSession(sessionId, nowNs));
    }

    synchronized long openSession(final long nowNs) {
        final long sessionId = nextSessionId++;
        lastActivityNsBySession.put(sessionId, nowNs);
        return sessionId;
    }

    /** {@return false when the session was closed} */
    synchronized boolean keepAlive(final long sessionId, final long nowNs) {
        return lastActivityNsBySession.computeIfPresent(sessionId, (id, before) -> nowNs) != null;
    }

    synchronized void closeSession(final long sessionId, final long nowNs) {
        if (lastActivityNsBySession.remove(sessionId) != null) {
            fence(sessionId, nowNs);
        }
    }

    synchronized MetadataResult decide(final MetadataCommand command, final long sessionId, final long nowNs) {
        try {
            recoverAfterFailure();
            final MetadataStateMachine.Outcome outcome = machine.apply(command, sessionId, toMs(nowNs));
            publish(outcome.delta());
            return outcome.result();
        } catch (final IOException ex) {
            return new MetadataResult(KAFKA_STORAGE_ERROR, ex.getMessage(), 0, machine.state().version());
        }
    }

    /** {@return what leads from this version to the present one, in order; maybe a snapshot} */
    synchronized List<MetadataDelta> deltasSince(final long version) {
        if (stateUnknown || version == machine.state().version()) {
            return List.of();
        }
        if (tail.isEmpty() || version < tail.peekFirst().fromVersion()) {
            return List.of(machine.state().snapshot());
        }
        return tail.stream().filter(delta -> delta.fromVersion() >= version).toList();
    }

    /** {@return the state as bytes, for comparison} */
    synchronized byte[] encodedState() {
        final WireWriter writer = new WireWriter();
        machine.state().snapshot().encode(writer);
        return writer.toByteArray();
    }

    @Override
    public synchronized void close() throws IOException {
        if (log != null) {
            log.close();
        }
    }

    private void fence(final long sessionId, final long nowNs) {
        try {
            recoverAfterFailure();
            publish(machine.closeSession(sessionId, toMs(nowNs)));
        } catch (final IOException ex) {
            // the session is gone from the table, so its broker is fenced when the state is loaded again
            stateUnknown = true;
        }
    }

    private void publish(final MetadataDelta delta) throws IOException {
        if (delta == null) {
            return;
        }
        if (log != null) {
            stateUnknown = true;
            log.append(delta);
            stateUnknown = false;
        }
        tail.add(delta);
        if (tail.size() > TAIL_CAPACITY) {
            tail.poll();
        }
        compact();
    }

    private void compact() {
        if (log != null && log.isCompactionDue()) {
            try {
                log.compact(machine.state().snapshot());
            } catch (final IOException ex) {
                // the old file still holds everything; the next change tries again or reports the failing disk
                return;
            }
        }
    }

    /** A change that did not reach the disk is taken back by loading what did. */
    private void recoverAfterFailure() throws IOException {
        if (stateUnknown) {
            if (log.isOffline()) {
                throw new IOException(MetadataLog.FILE_NAME + " is offline after a failed sync: restart the broker");
            }
            reload();
        }
    }

    private void reload() throws IOException {
        machine = new MetadataStateMachine();
        tail.clear();
        stateUnknown = true;
        log.recover(machine.state()::apply);
        stateUnknown = false;
        for (final BrokerInfo broker : List.copyOf(machine.state().brokers())) {
            nextSessionId = Math.max(nextSessionId, broker.sessionId() + 1);
            if (broker.isRegistered() && !lastActivityNsBySession.containsKey(broker.sessionId())) {
                publish(machine.closeSession(broker.sessionId(), 0));
            }
        }
    }

    private static long toMs(final long nowNs) {
        return TimeUnit.NANOSECONDS.toMillis(nowNs);
    }
}
