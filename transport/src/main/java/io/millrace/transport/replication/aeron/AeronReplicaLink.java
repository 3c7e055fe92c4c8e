package io.millrace.transport.replication.aeron;

import io.aeron.Aeron;
import io.aeron.ChannelUriStringBuilder;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.exceptions.TimeoutException;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.protocol.DataHeaderFlyweight;
import io.millrace.transport.replication.ReplicaLink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NoOpLock;

/**
 * Replication streams over Aeron UDP. Owned by the engine thread, which also runs the media driver and the client by
 * invoking them: on two cores a driver thread of its own halves the throughput (docs/architecture.md).
 */
public final class AeronReplicaLink implements ReplicaLink {
    private static final int STREAM_ID_BASE = 1000;
    private static final long LIVENESS_TIMEOUT_NS = 2_000_000_000L;
    private static final long CLIENT_LIVENESS_TIMEOUT_NS = 10_000_000_000L;

    private final LinkSizing sizing;
    private final ErrorHandler errorHandler;
    private final MediaDriver driver;
    private final Aeron aeron;
    private final AgentInvoker driverInvoker;
    private final AgentInvoker clientInvoker;
    private final Int2ObjectHashMap<PeerStream[]> streamsByPeer = new Int2ObjectHashMap<>();
    private final PeerStream[] pollOrder;
    private final BufferClaim claim = new BufferClaim();
    private int pollStart;
    private Throwable failure;
    private boolean closed;

    private AeronReplicaLink(
        final AeronLinkConfiguration configuration, final LinkSizing sizing, final ErrorHandler errorHandler) {
        this.sizing = sizing;
        this.errorHandler = errorHandler;
        this.driver = MediaDriver.launch(driverContext(configuration.aeronDirectory(), sizing));
        this.driverInvoker = driver.sharedAgentInvoker();
        try {
            this.aeron = Aeron.connect(new Aeron.Context()
                .aeronDirectoryName(configuration.aeronDirectory().toString())
                .driverAgentInvoker(driverInvoker)
                .useConductorAgentInvoker(true)
                .clientLock(NoOpLock.INSTANCE)
                .errorHandler(this::onError)
                .subscriberErrorHandler(AeronReplicaLink::rethrow));
            this.clientInvoker = aeron.conductorAgentInvoker();
            this.pollOrder = openStreams(configuration);
        } catch (final RuntimeException ex) {
            CloseHelper.quietClose(driver);
            throw ex;
        }
    }

    /**
     * Starts the driver and opens the streams to every peer; none needs to be there yet.
     *
     * @param configuration who and where
     * @param errorHandler  told of each error of driver and client, fatal or not; must not throw
     * @return the link
     * @throws IOException              when the machine's limits cannot be read or shared memory is too small
     * @throws IllegalArgumentException when a value that the user set cannot be had
     */
    public static AeronReplicaLink open(final AeronLinkConfiguration configuration, final ErrorHandler errorHandler)
        throws IOException {
        final int granted = HostLimits.grantedSocketLength();
        final int limit = configuration.socketLengthLimit();
        final LinkSizing sizing = LinkSizing.fit(new LinkSizing.Inputs(
            HostLimits.interfaceMtuLength(configuration.self().host()),
            limit > 0 ? Math.min(limit, granted) : granted,
            HostLimits.totalLength(configuration.aeronDirectory()),
            configuration.peers().size(),
            configuration.mtuLength(), configuration.windowLength(), configuration.termLength()));
        // Whoever holds the data directory owns this folder: what a killed predecessor left in it, heartbeat included,
        // would otherwise look like an active driver for ten seconds.
        IoUtil.delete(configuration.aeronDirectory().toFile(), true);
        final long usable = HostLimits.usableLength(configuration.aeronDirectory());
        if (usable < sizing.shmLength()) {
            throw new IOException("not enough space for replication buffers in " + configuration.aeronDirectory()
                + ": needed=" + sizing.shmLength() + " bytes, free=" + usable
                + "; free some, enlarge it (mount -o remount,size=1g /dev/shm), set a smaller "
                + "millrace.replication.term.bytes, or name another folder with millrace.aeron.dir");
        }
        return new AeronReplicaLink(configuration, sizing, errorHandler);
    }

    private MediaDriver.Context driverContext(final Path directory, final LinkSizing size) {
        return new MediaDriver.Context()
            .aeronDirectoryName(directory.toString())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.INVOKER)
            .mtuLength(size.mtuLength())
            .ipcMtuLength(size.mtuLength())
            .initialWindowLength(size.windowLength())
            .socketRcvbufLength(size.socketBufferLength())
            .socketSndbufLength(Math.max(size.mtuLength(), LinkSizing.MIN_WINDOW_LENGTH))
            .publicationTermBufferLength(size.termLength())
            .ipcTermBufferLength(LinkSizing.CONTROL_TERM_LENGTH)
            .termBufferSparseFile(true)
            .performStorageChecks(false)
            .imageLivenessTimeoutNs(LIVENESS_TIMEOUT_NS)
            .publicationConnectionTimeoutNs(LIVENESS_TIMEOUT_NS)
            .publicationLingerTimeoutNs(0)
            .clientLivenessTimeoutNs(CLIENT_LIVENESS_TIMEOUT_NS)
            .counterValuesBufferLength(1 << 20)
            .errorHandler(this::onError);
    }

    private PeerStream[] openStreams(final AeronLinkConfiguration configuration) {
        final ReplicaPeer self = configuration.self();
        final List<Integer> brokerIds = new ArrayList<>();
        brokerIds.add(self.brokerId());
        configuration.peers().forEach((peer) -> brokerIds.add(peer.brokerId()));
        Collections.sort(brokerIds);
        final List<PeerStream> order = new ArrayList<>();
        for (final ReplicaPeer peer : configuration.peers()) {
            final PeerStream[] streams = new PeerStream[STREAM_COUNT];
            for (int stream = 0; stream < STREAM_COUNT; stream++) {
                final int outPort = ReplicaPorts.port(peer.basePort(), brokerIds, self.brokerId(), stream);
                final int inPort = ReplicaPorts.port(self.basePort(), brokerIds, peer.brokerId(), stream);
                streams[stream] = new PeerStream(peer.brokerId(), stream,
                    aeron.addExclusivePublication(publicationChannel(peer.host(), outPort, stream),
                        STREAM_ID_BASE + stream),
                    aeron.addSubscription(channel(self.host(), inPort).build(), STREAM_ID_BASE + stream));
            }
            streamsByPeer.put(peer.brokerId(), streams);
        }
        for (int stream = STREAM_COUNT - 1; stream >= 0; stream--) { // control first
            for (final ReplicaPeer peer : configuration.peers()) {
                order.add(streamsByPeer.get(peer.brokerId())[stream]);
            }
        }
        return order.toArray(new PeerStream[0]);
    }

    private static ChannelUriStringBuilder channel(final String host, final int port) {
        return new ChannelUriStringBuilder().media(CommonContext.UDP_MEDIA).endpoint(host + ":" + port);
    }

    private static String publicationChannel(final String host, final int port, final int stream) {
        final ChannelUriStringBuilder builder = channel(host, port);
        if (stream == CONTROL_STREAM) {
            builder.mtu(LinkSizing.CONTROL_MTU_LENGTH).termLength(LinkSizing.CONTROL_TERM_LENGTH);
        }
        return builder.build();
    }

    /** {@return what was made smaller than wanted because of the machine, with the remedy} */
    public List<String> warnings() {
        return sizing.warnings();
    }

    /** {@return one line with MTU, window and term length, for logs and results} */
    public String description() {
        return "mtu=" + sizing.mtuLength() + " window=" + sizing.windowLength() + " term=" + sizing.termLength()
            + " shm=" + sizing.shmLength();
    }

    @Override
    public long offer(
        final int toBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
        final ExclusivePublication publication = streamsByPeer.get(toBrokerId)[stream].publication;
        return result(publication.offer(buffer, index, length), publication);
    }

    @Override
    public long claim(final int toBrokerId, final int stream, final int length, final MessageFiller filler) {
        final ExclusivePublication publication = streamsByPeer.get(toBrokerId)[stream].publication;
        final long position = publication.tryClaim(length, claim);
        if (position < 0) {
            return result(position, publication);
        }
        boolean filled = false;
        try {
            filled = filler.fill(claim.buffer(), claim.offset(), length);
        } finally {
            if (filled) {
                claim.commit();
            } else {
                claim.abort();
            }
        }
        return filled ? position : ADMIN_ACTION;
    }

    private static long result(final long position, final ExclusivePublication publication) {
        if (position >= 0) {
            return Math.max(1, position);
        }
        if (position == Publication.MAX_POSITION_EXCEEDED) {
            throw new LinkFailedException("replication stream is used up: " + publication.channel(), null);
        }
        return position; // Aeron's codes and the link's are the same numbers
    }

    @Override
    public int maxMessageLength(final int stream) {
        return (stream == CONTROL_STREAM ? LinkSizing.CONTROL_MTU_LENGTH : sizing.mtuLength())
            - DataHeaderFlyweight.HEADER_LENGTH;
    }

    @Override
    public boolean isConnected(final int toBrokerId, final int stream) {
        final PeerStream[] streams = streamsByPeer.get(toBrokerId);
        return streams != null && streams[stream].publication.isConnected();
    }

    @Override
    public int poll(final MessageHandler handler, final int messageLimit) {
        int polled = 0;
        final int count = pollOrder.length;
        final int peerCount = count / STREAM_COUNT;
        // control streams of all peers come first; among equals the first turn rotates
        for (int group = 0; group < STREAM_COUNT && polled < messageLimit; group++) {
            for (int i = 0; i < peerCount && polled < messageLimit; i++) {
                final int member = (pollStart + i) % peerCount;
                polled += pollOrder[group * peerCount + member].poll(handler, messageLimit - polled);
            }
        }
        pollStart = peerCount == 0 ? 0 : (pollStart + 1) % peerCount;
        return polled;
    }

    @Override
    public int doWork(final long nowNs) {
        final int work = driverInvoker.invoke() + clientInvoker.invoke();
        if (failure != null || aeron.isClosed() && !closed) {
            throw new LinkFailedException("replication link lost, probably after a long pause of this process; "
                + "it must be started again", failure);
        }
        return work;
    }

    private void onError(final Throwable error) {
        errorHandler.onError(error);
        if (failure == null && isFatal(error)) {
            failure = error;
        }
    }

    private static boolean isFatal(final Throwable error) {
        return error instanceof TimeoutException
            || error instanceof AgentTerminationException
            || error instanceof Error;
    }

    private static void rethrow(final Throwable error) {
        if (error instanceof RuntimeException runtime) {
            throw runtime;
        }
        throw new LinkFailedException("replication message handler failed", error);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            final List<AutoCloseable> closeables = new ArrayList<>(List.of(pollOrder));
            closeables.add(aeron);
            closeables.add(driver);
            CloseHelper.closeAll(closeables);
        }
    }
}
