package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.Publication;
import io.aeron.cluster.client.AeronCluster;
import io.aeron.cluster.client.EgressListener;
import io.aeron.logbuffer.Header;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.YieldingIdleStrategy;

/**
 * Opens a session with the quorum, and opens another one when it was lost; never blocks. Owned by the metadata thread.
 */
final class ClusterSession implements EgressListener, AutoCloseable {
    private static final long RETRY_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long CONNECT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long NEW_LEADER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int KEEP_ALIVES_PER_TIMEOUT = 10;

    private final ClusterMetadataConfiguration configuration;
    private final Aeron aeron;
    private final AgentInvoker driver;
    private final ErrorHandler errors;
    private final Listener listener;
    private AeronCluster.AsyncConnect connecting;
    private AeronCluster cluster;
    private boolean retrying;
    private long nextConnectNs;
    private long nextKeepAliveNs;

    /** Hears of the session's life. */
    interface Listener {
        void onSessionOpen(long sessionId, long leadershipTermId);

        void onLeaderChanged(long leadershipTermId);

        void onSessionLost();

        void onSent(int ingressSessionId, long position, long nowNs);
    }

    ClusterSession(
        final ClusterMetadataConfiguration configuration, final Aeron aeron, final AgentInvoker driver,
        final ErrorHandler errors, final Listener listener) {
        this.configuration = configuration;
        this.aeron = aeron;
        this.driver = driver;
        this.errors = errors;
        this.listener = listener;
    }

    /** {@return the member that leads the quorum, -1 without a session} */
    int leaderMemberId() {
        return cluster == null ? -1 : cluster.leaderMemberId();
    }

    boolean isOpen() {
        return cluster != null;
    }

    /** {@return whether the message was taken; otherwise it is to be offered again later} */
    boolean offer(final DirectBuffer buffer, final int length, final long nowNs) {
        if (cluster == null || cluster.isClosed() || cluster.offer(buffer, 0, length) <= 0) {
            return false;
        }
        noteSent(nowNs);
        return true;
    }

    /** {@return the Aeron session id of the stream to the quorum's leader; 0 while there is none} */
    int ingressSessionId() {
        final Publication ingress = cluster == null ? null : cluster.ingressPublication();
        return ingress == null ? 0 : ingress.sessionId();
    }

    private void noteSent(final long nowNs) {
        nextKeepAliveNs = nowNs + keepAliveIntervalNs();
        final Publication ingress = cluster.ingressPublication();
        final long position = ingress == null ? Publication.CLOSED : ingress.position();
        if (position >= 0) {
            listener.onSent(ingress.sessionId(), position, nowNs);
        }
    }

    /**
     * Connects, polls, notices the end of the session.
     *
     * @param alive whether the session deserves to live; without, nothing is sent
     */
    int doWork(final long nowNs, final boolean alive) {
        if (cluster == null) {
            return alive || connecting != null ? connect(nowNs) : 0;
        }
        int workCount = cluster.pollEgress();
        if (alive && !cluster.isClosed() && nowNs - nextKeepAliveNs >= 0) {
            nextKeepAliveNs = nowNs + keepAliveIntervalNs();
            if (cluster.sendKeepAlive()) {
                noteSent(nowNs);
                workCount++;
            }
        }
        if (cluster.isClosed()) {
            lose(nowNs);
        }
        return workCount;
    }

    private long keepAliveIntervalNs() {
        return configuration.sessionTimeoutNs() / KEEP_ALIVES_PER_TIMEOUT;
    }

    private int connect(final long nowNs) {
        if (retrying && nowNs - nextConnectNs < 0) {
            return 0;
        }
        try {
            if (connecting == null) {
                connecting = AeronCluster.asyncConnect(newContext());
            }
            final int stepBefore = connecting.step();
            cluster = connecting.poll();
            if (cluster == null) {
                return connecting.step() == stepBefore ? 0 : 1;
            }
            connecting = null;
            retrying = false;
            nextKeepAliveNs = nowNs;
            listener.onSessionOpen(cluster.clusterSessionId(), cluster.leadershipTermId());
        } catch (final RuntimeException ex) {
            // no leader yet, most often; the owner sees that there is no session
            CloseHelper.quietClose(connecting);
            connecting = null;
            retrying = true;
            nextConnectNs = nowNs + RETRY_INTERVAL_NS;
        }
        return 1;
    }

    private AeronCluster.Context newContext() {
        return new AeronCluster.Context()
            .aeron(aeron)
            .ownsAeronClient(false)
            .agentInvoker(driver)
            .idleStrategy(YieldingIdleStrategy.INSTANCE)
            .ingressChannel("aeron:udp?" + ClusterContexts.TERM_128K)
            .ingressStreamId(ClusterContexts.INGRESS_STREAM_ID)
            .ingressEndpoints(ClusterMember.toIngressEndpoints(configuration.members()))
            .egressChannel(egressChannel(configuration))
            .messageTimeoutNs(CONNECT_TIMEOUT_NS)
            .newLeaderTimeoutNs(NEW_LEADER_TIMEOUT_NS)
            .errorHandler(errors)
            .egressListener(this);
    }

    static String egressChannel(final ClusterMetadataConfiguration configuration) {
        return "aeron:udp?endpoint=" + configuration.self().egress() + "|" + ClusterContexts.TERM_128K;
    }

    private void lose(final long nowNs) {
        cluster = null;
        retrying = true;
        nextConnectNs = nowNs + RETRY_INTERVAL_NS;
        listener.onSessionLost();
    }

    @Override
    public void onMessage(
        final long clusterSessionId, final long timestamp, final DirectBuffer buffer, final int offset,
        final int length, final Header header) {
        // the service answers on a stream of its own
    }

    @Override
    public void onNewLeader(
        final long clusterSessionId, final long leadershipTermId, final int leaderMemberId,
        final String ingressEndpoints) {
        listener.onLeaderChanged(leadershipTermId);
    }

    /** Says good-bye, so that the broker is fenced at once. */
    @Override
    public void close() {
        CloseHelper.quietCloseAll(connecting, cluster);
        connecting = null;
        cluster = null;
    }
}
