package io.millrace.broker.metadata.cluster;

import io.aeron.ExclusivePublication;
import io.aeron.Image;
import io.aeron.cluster.codecs.CloseReason;
import io.aeron.cluster.service.ClientSession;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.logbuffer.Header;
import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataReplica;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;

/**
 * The metadata's state machine as a service of Aeron Cluster. Owned by the service thread.
 *
 * <p>What comes through the log changes the state, on each member alike. What goes out to brokers is sent from the
 * background duty of the member that leads, and is no part of the state.
 */
final class MetadataClusteredService implements ClusteredService {
    private final MetadataReplica replica = new MetadataReplica();
    private final DeltaTail tail = new DeltaTail(replica);
    private final Map<Long, SessionPusher> pushers = new TreeMap<>();
    private final ExpandableArrayBuffer pushBuffer = new ExpandableArrayBuffer();
    private Cluster cluster;
    private boolean leading;
    private long termId;

    @Override
    public void onStart(final Cluster newCluster, final Image snapshotImage) {
        cluster = newCluster;
        if (snapshotImage != null) {
            replica.restore(SnapshotIo.read(snapshotImage, cluster.idleStrategy()));
        }
        cluster.forEachClientSession(this::addPusher);
    }

    @Override
    public void onSessionOpen(final ClientSession session, final long timestamp) {
        addPusher(session);
    }

    @Override
    public void onSessionClose(final ClientSession session, final long timestamp, final CloseReason reason) {
        final SessionPusher pusher = pushers.remove(session.id());
        if (pusher != null) {
            pusher.close(cluster.aeron());
        }
        addDelta(replica.closeSession(session.id(), timestamp));
    }

    @Override
    public void onSessionMessage(
        final ClientSession session, final long timestamp, final DirectBuffer buffer, final int offset,
        final int length, final Header header) {
        final SessionPusher pusher = session == null ? null : pushers.get(session.id());
        if (pusher == null || length < PushCodec.COMMAND_HEADER_LENGTH
            || buffer.getByte(offset + PushCodec.FORMAT_FIELD_OFFSET) != PushCodec.FORMAT) {
            return;
        }
        final byte kind = buffer.getByte(offset + PushCodec.KIND_FIELD_OFFSET);
        final long value = PushCodec.getLong(buffer, offset + PushCodec.REQUEST_VALUE_FIELD_OFFSET);
        if (kind == PushCodec.FOLLOW && length >= PushCodec.FOLLOW_LENGTH) {
            pusher.onFollow(
                value, PushCodec.getInt(buffer, offset + PushCodec.INGRESS_SESSION_ID_FIELD_OFFSET));
        } else if (kind == PushCodec.COMMAND) {
            final int headerLength = PushCodec.COMMAND_HEADER_LENGTH;
            final MetadataReplica.Outcome outcome =
                replica.apply(buffer, offset + headerLength, length - headerLength, session.id(), timestamp);
            addDelta(outcome.delta());
            if (leading) {
                pusher.onResult(value, MetadataBytes.encode(outcome.result()));
            }
        }
    }

    @Override
    public void onTimerEvent(final long correlationId, final long timestamp) {
        // no timers: sessions are timed by the consensus module
    }

    @Override
    public void onTakeSnapshot(final ExclusivePublication snapshotPublication) {
        SnapshotIo.write(replica.snapshot(), snapshotPublication, cluster.idleStrategy());
    }

    @Override
    public void onRoleChange(final Cluster.Role newRole) {
        leading = newRole == Cluster.Role.LEADER;
        if (leading) {
            pushers.values().forEach(SessionPusher::reset);
        } else {
            pushers.values().forEach(pusher -> pusher.close(cluster.aeron()));
        }
    }

    @Override
    public void onNewLeadershipTermEvent(
        final long leadershipTermId, final long logPosition, final long timestamp, final long termBaseLogPosition,
        final int leaderMemberId, final int logSessionId, final TimeUnit timeUnit, final int appVersion) {
        termId = leadershipTermId;
        addDelta(replica.newTerm(timestamp));
    }

    @Override
    public int doBackgroundWork(final long nowNs) {
        if (!leading) {
            return 0;
        }
        int workCount = 0;
        for (final SessionPusher pusher : pushers.values()) {
            workCount += pusher.push(nowNs, termId, tail, cluster.aeron(), pushBuffer);
        }
        return workCount;
    }

    @Override
    public void onTerminate(final Cluster terminated) {
        pushers.values().forEach(pusher -> pusher.close(terminated.aeron()));
    }

    private void addPusher(final ClientSession session) {
        pushers.put(session.id(), new SessionPusher(
            session.id(), session.responseChannel(), ClusterContexts.INGRESS_STREAM_ID));
    }

    private void addDelta(final byte[] delta) {
        if (delta != null) {
            tail.add(delta);
        }
    }
}
