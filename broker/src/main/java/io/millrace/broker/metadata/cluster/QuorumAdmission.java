package io.millrace.broker.metadata.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.agrona.CloseHelper;

/**
 * Asks the controllers, over UDP and before this node takes part in the quorum, which cluster's metadata they hold, and
 * tells whoever asks what this one holds, for as long as it runs. Owned by the metadata thread.
 *
 * <p>Its port is bound by one process only, so a second one with the same node id ends here.
 *
 * <pre>
 * datagram, big endian: int magic | byte kind (1 ask, 2 tell) | int member, -1 for a client of the quorum
 *                       | int hash of the list of controllers | long, long cluster of the Raft log (0, 0 for none)
 * </pre>
 */
final class QuorumAdmission implements AutoCloseable {
    private static final int MAGIC = 0x4D52_4944;
    private static final byte ASK = 1;
    private static final byte TELL = 2;
    private static final int LENGTH = Integer.BYTES + Byte.BYTES + 2 * Integer.BYTES + 2 * Long.BYTES;
    private static final int RECEIVE_LIMIT = 32;
    private static final UUID NO_ID = new UUID(0, 0);

    private static final long POLL_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long ASK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** What was said longer ago does not count: its process may be gone. */
    private static final long VALID_NS = TimeUnit.SECONDS.toNanos(1);
    /** Before a cluster begins, each controller had so long to say that it knows one. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long DOUBT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long NOTICE_DELAY_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long NOTICE_INTERVAL_NS = TimeUnit.SECONDS.toNanos(30);

    private final ClusterMetadataConfiguration configuration;
    private final QuorumIdentity identity;
    private final Consumer<String> notices;
    private final int membersHash;
    private final ByteBuffer buffer = ByteBuffer.allocate(2 * LENGTH);
    private final AdmissionRules.Said[] said;
    private final long[] saidNs;
    private DatagramChannel channel;
    private boolean started;
    private boolean admitted;
    private boolean doubting;
    private long doubtSinceNs;
    private long startNs;
    private long nextPollNs;
    private long nextAskNs;
    private long nextNoticeNs;

    QuorumAdmission(final ClusterMetadataConfiguration configuration, final QuorumIdentity identity,
        final Consumer<String> notices) {
        this.configuration = configuration;
        this.identity = identity;
        this.notices = notices;
        final CRC32C crc = new CRC32C();
        crc.update(ClusterMember.toClusterMembers(configuration.members()).getBytes(StandardCharsets.UTF_8));
        membersHash = (int) crc.getValue();
        said = new AdmissionRules.Said[configuration.members().size()];
        saidNs = new long[said.length];
    }

    /** Takes the port; before anything of a process that may still run is touched. */
    void open() {
        final ClusterMember self = configuration.self();
        try {
            channel = DatagramChannel.open();
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, false);
            channel.configureBlocking(false);
            channel.bind(self.admissionAddress());
        } catch (final BindException ex) {
            CloseHelper.quietClose(channel);
            throw new QuorumRefusedException("cannot listen on UDP " + self.host() + ":" + self.basePort()
                + ", this node's metadata port: " + ex.getMessage() + "; if another process runs as the same node, "
                + "stop it, else correct node.id or millrace.cluster.nodes");
        } catch (final IOException | RuntimeException ex) {
            CloseHelper.quietClose(channel);
            throw new QuorumRefusedException("cannot listen on UDP " + self.host() + ":" + self.basePort()
                + ", this node's metadata port: " + ex + "; correct millrace.cluster.nodes");
        }
    }

    /** {@return whether this node may take part; once it may, it may for good} */
    boolean isAdmitted() {
        return admitted;
    }

    /** Hears of the quorum's own word on which cluster it is. */
    void note(final UUID clusterId) {
        identity.note(clusterId);
    }

    /**
     * Listens, answers, asks and decides.
     *
     * @param nowNs monotonic time
     * @return work count
     * @throws QuorumRefusedException when this node must not take part
     */
    int doWork(final long nowNs) {
        if (started && nowNs - nextPollNs < 0) {
            return 0;
        }
        if (!started) {
            started = true;
            startNs = nowNs;
            nextAskNs = nowNs;
            nextNoticeNs = nowNs + NOTICE_DELAY_NS;
        }
        nextPollNs = nowNs + POLL_INTERVAL_NS;
        final int workCount = receive(nowNs);
        if (!admitted) {
            if (nowNs - nextAskNs >= 0) {
                nextAskNs = nowNs + ASK_INTERVAL_NS;
                askAll();
            }
            decide(nowNs);
        }
        return workCount;
    }

    private int receive(final long nowNs) {
        int count = 0;
        try {
            SocketAddress from = channel.receive(buffer.clear());
            while (from != null) {
                onDatagram(from, nowNs);
                from = ++count < RECEIVE_LIMIT ? channel.receive(buffer.clear()) : null;
            }
        } catch (final IOException ex) {
            return count; // an address that was sent to has nobody listening; it is asked again
        }
        return count;
    }

    private void onDatagram(final SocketAddress from, final long nowNs) {
        buffer.flip();
        if (buffer.remaining() != LENGTH || buffer.getInt() != MAGIC) {
            return;
        }
        final byte kind = buffer.get();
        final int member = buffer.getInt();
        final int hash = buffer.getInt();
        final UUID id = new UUID(buffer.getLong(), buffer.getLong());
        if (kind == ASK) {
            send(TELL, from);
        } else if (kind == TELL && member >= 0 && member < said.length && member != configuration.memberId()) {
            said[member] = new AdmissionRules.Said(member, hash, NO_ID.equals(id) ? null : id);
            saidNs[member] = nowNs;
        }
    }

    private void askAll() {
        for (final ClusterMember member : configuration.members()) {
            if (member.id() != configuration.memberId()) {
                send(ASK, member.admissionAddress());
            }
        }
    }

    private void send(final byte kind, final SocketAddress to) {
        final UUID id = identity.logId() == null ? NO_ID : identity.logId();
        buffer.clear().putInt(MAGIC).put(kind).putInt(configuration.memberId()).putInt(membersHash)
            .putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits()).flip();
        try {
            channel.send(buffer, to);
        } catch (final IOException | RuntimeException ex) {
            return; // its name does not resolve, or it cannot be reached now: it counts as silent
        }
    }

    private void decide(final long nowNs) {
        final List<AdmissionRules.Said> heard = new ArrayList<>();
        for (int i = 0; i < said.length; i++) {
            if (said[i] != null && nowNs - saidNs[i] < VALID_NS) {
                heard.add(said[i]);
            }
        }
        final AdmissionRules.Said self = !configuration.isMember() ? null
            : new AdmissionRules.Said(configuration.memberId(), membersHash, identity.logId());
        final AdmissionRules.Decision decision = AdmissionRules.decide(
            said.length, self, identity.expectedId(), membersHash, heard, nowNs - startNs >= PATIENCE_NS);
        switch (decision.verdict()) {
            case ADMIT -> admitted = true;
            case REFUSE -> throw new QuorumRefusedException(decision.reason());
            case DOUBT -> doubt(nowNs, decision.reason());
            default -> doubting = false;
        }
        if (!admitted && nowNs - nextNoticeNs >= 0) {
            nextNoticeNs = nowNs + NOTICE_INTERVAL_NS;
            notices.accept("metadata quorum: " + decision.reason());
        }
    }

    /** In the first moments of a cluster a controller may know its id a little earlier than the others. */
    private void doubt(final long nowNs, final String reason) {
        if (!doubting) {
            doubting = true;
            doubtSinceNs = nowNs;
        }
        if (nowNs - doubtSinceNs >= DOUBT_NS) {
            throw new QuorumRefusedException(reason);
        }
    }

    @Override
    public void close() {
        CloseHelper.quietClose(channel);
    }
}
