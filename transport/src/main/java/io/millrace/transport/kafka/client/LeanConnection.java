package io.millrace.transport.kafka.client;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ApiVersionsCursor;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.NanoClock;

/**
 * One pipelined, non-blocking connection to a broker. Owned by the one thread that offers and polls.
 *
 * <p>Offered requests are copied into the send window at once, so the caller's buffer is free after the call; they
 * leave with the next {@link #poll}, several in one write. After the connection is ready nothing is allocated per
 * request.
 */
public final class LeanConnection implements AutoCloseable {
    /** Highest Produce version spoken: the last one without the flexible encoding. */
    static final int PRODUCE_MAX_VERSION = 8;
    /** Highest Fetch version spoken. */
    static final int FETCH_MAX_VERSION = 11;

    private static final int MAX_READS_PER_POLL = 8;

    private enum State { CONNECTING, NEGOTIATING, READY, CLOSED }

    private final String address;
    private final LeanConnectionConfiguration configuration;
    private final NanoClock clock;
    private final SocketChannel channel;
    private final SendWindow window;
    private final ReceiveWindow receive;
    private final InFlight inFlight;
    private final LeanRequestEncoder encoder;
    private final LeanResponseDecoder decoder;
    private State state = State.CONNECTING;
    private boolean disconnectReported;
    private String disconnectReason;
    private long nowNs;
    private long connectDeadlineNs;
    private int nextCorrelationId;
    private int produceVersion = -1;
    private int fetchVersion = -1;
    private SelectionKey selectionKey;

    /**
     * Begins to connect; {@link #poll} goes on with it. Resolving a host name may block.
     *
     * @param host          of the broker
     * @param port          of the broker
     * @param configuration settings
     * @param clock         monotonic time
     * @throws LeanClientException when the address cannot be resolved or connected to
     */
    public LeanConnection(
        final String host, final int port, final LeanConnectionConfiguration configuration, final NanoClock clock) {
        this.address = host + ":" + port;
        this.configuration = configuration;
        this.clock = clock;
        this.window = new SendWindow(configuration.sendWindowLength());
        this.receive = new ReceiveWindow(configuration.maxResponseLength());
        this.inFlight = new InFlight(configuration.maxInFlightCount());
        this.encoder = new LeanRequestEncoder(configuration.clientId());
        this.decoder = new LeanResponseDecoder();
        this.nowNs = clock.nanoTime();
        this.connectDeadlineNs = nowNs + configuration.requestTimeoutNs();
        final InetSocketAddress socketAddress = new InetSocketAddress(host, port);
        if (socketAddress.isUnresolved()) {
            throw new LeanClientException("cannot resolve " + address + ": check the host name");
        }
        SocketChannel opened = null;
        try {
            opened = SocketChannel.open();
            opened.configureBlocking(false);
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            opened.connect(socketAddress);
        } catch (final IOException e) {
            CloseHelper.quietClose(opened);
            throw new LeanClientException("cannot connect to " + address + ": " + e.getMessage(), e);
        }
        channel = opened;
    }

    /** {@return host and port of the broker} */
    public String address() {
        return address;
    }

    /** {@return whether the broker has told its versions, so that requests can be offered} */
    public boolean isReady() {
        return state == State.READY;
    }

    /** {@return whether the connection is gone for good} */
    public boolean isClosed() {
        return state == State.CLOSED;
    }

    /** {@return requests offered and not yet answered (acks=0 not counted)} */
    public int inFlightCount() {
        return inFlight.count();
    }

    /** {@return bytes of requests waiting for the socket} */
    public int unsentLength() {
        return window.length();
    }

    /** {@return negotiated version, -1 until ready} */
    public int produceVersion() {
        return produceVersion;
    }

    /** {@return negotiated version, -1 until ready} */
    public int fetchVersion() {
        return fetchVersion;
    }

    /**
     * Offers one record batch.
     *
     * @param topic       of the batch
     * @param partitionId number in its topic
     * @param acks        0, 1 or -1 (all); with 0 no response will come
     * @param timeoutMs   how long the broker may wait for the acks
     * @param batch       holds a finished record batch (magic 2)
     * @param index       of the batch
     * @param length      of the batch
     * @param token       comes back in {@link LeanResponseHandler#onProduceResponse}
     * @return false when the connection is not ready or the window or the in-flight count is full: poll and try again
     */
    public boolean offerProduce(
        final TopicName topic,
        final int partitionId,
        final short acks,
        final int timeoutMs,
        final DirectBuffer batch,
        final int index,
        final int length,
        final long token) {
        if (state != State.READY || acks != 0 && inFlight.isFull()) {
            return false;
        }
        final int frameLength = encoder.produceFrameLength(topic, length);
        final int at = claim(frameLength);
        if (at < 0) {
            return false;
        }
        final int correlationId = nextCorrelationId++;
        encoder.produce(window.buffer(), at, produceVersion, correlationId, topic, partitionId, acks, timeoutMs,
            batch, index, length);
        window.commit(frameLength);
        if (acks != 0) {
            inFlight.add(InFlight.PRODUCE, correlationId, token, partitionId, nowNs);
        }
        return true;
    }

    /**
     * Offers a fetch of one partition.
     *
     * @param topic       to read
     * @param partitionId number in its topic
     * @param offset      first offset wanted
     * @param maxWaitMs   how long the broker may wait for minLength
     * @param minLength   bytes to wait for
     * @param maxLength   bytes wanted at most; the first batch comes whatever its length
     * @param token       comes back in {@link LeanResponseHandler#onFetchBatch}
     * @return false when the connection is not ready or the window or the in-flight count is full: poll and try again
     */
    public boolean offerFetch(
        final TopicName topic,
        final int partitionId,
        final long offset,
        final int maxWaitMs,
        final int minLength,
        final int maxLength,
        final long token) {
        if (state != State.READY || inFlight.isFull()) {
            return false;
        }
        final int frameLength = encoder.fetchFrameLength(fetchVersion, topic, 1);
        final int at = claim(frameLength);
        if (at < 0) {
            return false;
        }
        final int correlationId = nextCorrelationId++;
        encoder.fetch(window.buffer(), at, fetchVersion, correlationId, topic, 1, maxWaitMs, minLength, maxLength);
        encoder.fetchPartition(window.buffer(), at, fetchVersion, topic, 0, partitionId, offset, maxLength);
        window.commit(frameLength);
        inFlight.add(InFlight.FETCH, correlationId, token, partitionId, nowNs);
        return true;
    }

    /**
     * Offers a fetch of several partitions of a topic, which is answered as soon as one of them has something.
     *
     * @param topic        to read
     * @param partitionIds numbers in their topic
     * @param offsets      first offset wanted of each
     * @param maxWaitMs    how long the broker may wait for minLength
     * @param minLength    bytes to wait for
     * @param maxLength    bytes wanted at most, of all together and of each
     * @param token        comes back in {@link LeanResponseHandler#onFetchBatch}, for each partition of the answer
     * @return false when the connection is not ready or the window or the in-flight count is full: poll and try again
     */
    public boolean offerFetch(
        final TopicName topic,
        final int[] partitionIds,
        final long[] offsets,
        final int maxWaitMs,
        final int minLength,
        final int maxLength,
        final long token) {
        if (state != State.READY || inFlight.isFull()) {
            return false;
        }
        final int frameLength = encoder.fetchFrameLength(fetchVersion, topic, partitionIds.length);
        final int at = claim(frameLength);
        if (at < 0) {
            return false;
        }
        final int correlationId = nextCorrelationId++;
        encoder.fetch(window.buffer(), at, fetchVersion, correlationId, topic, partitionIds.length, maxWaitMs,
            minLength, maxLength);
        for (int i = 0; i < partitionIds.length; i++) {
            encoder.fetchPartition(window.buffer(), at, fetchVersion, topic, i, partitionIds[i], offsets[i], maxLength);
        }
        window.commit(frameLength);
        inFlight.add(InFlight.FETCH, correlationId, token, -1, nowNs);
        return true;
    }

    /**
     * Connects, sends what was offered, takes what arrived. Never blocks.
     *
     * @param handler takes responses; it may offer further requests
     * @return work count: responses handled, plus one if bytes were sent
     */
    public int poll(final LeanResponseHandler handler) {
        if (state == State.CLOSED) {
            reportDisconnect(handler);
            return 0;
        }
        nowNs = clock.nanoTime();
        int workCount = 0;
        try {
            if (state == State.CONNECTING && !finishConnect()) {
                return 0;
            }
            if (window.length() > 0 && window.writeTo(channel) > 0) {
                workCount++;
            }
            workCount += receive(handler);
            checkTimeout();
            updateInterest();
        } catch (final IOException e) {
            disconnect(address + ": " + e.getMessage());
        } catch (final MalformedRequestException e) {
            disconnect(address + " sent a response that cannot be decoded: " + e.getMessage());
        }
        if (state == State.CLOSED) {
            reportDisconnect(handler);
        }
        return workCount;
    }

    /** Closes the socket; requests without an answer get none. */
    @Override
    public void close() {
        disconnect(address + ": closed by this side");
        disconnectReported = true;
    }

    SocketChannel channel() {
        return channel;
    }

    void selectionKey(final SelectionKey key) {
        selectionKey = key;
        updateInterest();
    }

    private boolean finishConnect() throws IOException {
        if (!channel.finishConnect()) {
            if (nowNs - connectDeadlineNs > 0) {
                throw new IOException("no connection within " + configuration.requestTimeoutNs() / 1_000_000 + " ms");
            }
            return false;
        }
        state = State.NEGOTIATING;
        final int length = encoder.apiVersionsFrameLength();
        encoder.apiVersions(window.buffer(), claim(length), nextCorrelationId);
        window.commit(length);
        inFlight.add(InFlight.API_VERSIONS, nextCorrelationId++, 0, 0, nowNs);
        return true;
    }

    private int claim(final int frameLength) {
        if (frameLength > configuration.sendWindowLength()) {
            throw new IllegalArgumentException("request longer than the send window: length=" + frameLength +
                ", sendWindowLength=" + configuration.sendWindowLength() + "; raise sendWindowLength");
        }
        return window.claim(frameLength);
    }

    private int receive(final LeanResponseHandler handler) throws IOException {
        int workCount = 0;
        for (int i = 0; i < MAX_READS_PER_POLL && state != State.CLOSED; i++) {
            final int received = receive.readFrom(channel);
            if (received < 0) {
                throw new IOException("the broker closed the connection with " + inFlight.count() +
                    " requests unanswered; its log says why");
            }
            int length;
            while (state != State.CLOSED && (length = receive.nextFrame()) >= 0) {
                onFrame(handler, receive.buffer(), receive.frameIndex(), length);
                workCount++;
            }
            receive.compact();
            if (received == 0) {
                break;
            }
        }
        return workCount;
    }

    private void onFrame(final LeanResponseHandler handler, final DirectBuffer buffer, final int at, final int length) {
        if (length < Integer.BYTES || inFlight.count() == 0) {
            throw new MalformedRequestException("unexpected response: length=" + length + ", in flight=" +
                inFlight.count());
        }
        final int correlationId = buffer.getInt(at, BIG_ENDIAN);
        if (correlationId != inFlight.headCorrelationId()) {
            throw new MalformedRequestException("response out of order: correlation id=" + correlationId +
                ", expected=" + inFlight.headCorrelationId());
        }
        final int kind = inFlight.headKind();
        final long token = inFlight.headToken();
        final int partitionId = inFlight.headPartitionId();
        inFlight.remove();
        final int bodyIndex = at + Integer.BYTES;
        final int bodyLength = length - Integer.BYTES;
        switch (kind) {
            case InFlight.PRODUCE ->
                decoder.onProduce(handler, produceVersion, token, buffer, bodyIndex, bodyLength);
            case InFlight.FETCH ->
                decoder.onFetch(handler, fetchVersion, token, partitionId, buffer, bodyIndex, bodyLength);
            default -> onApiVersions(buffer, bodyIndex, bodyLength);
        }
    }

    private void onApiVersions(final DirectBuffer buffer, final int index, final int length) {
        final ApiVersionsCursor cursor = new ApiVersionsCursor().wrap(buffer, index, length);
        while (cursor.next()) {
            if (cursor.apiKey() == ApiTable.PRODUCE) {
                produceVersion = negotiate(cursor, ApiTable.PRODUCE_MIN_DECODED, PRODUCE_MAX_VERSION);
            } else if (cursor.apiKey() == ApiTable.FETCH) {
                fetchVersion = negotiate(cursor, ApiTable.minVersion(ApiTable.FETCH), FETCH_MAX_VERSION);
            }
        }
        if (cursor.errorCode() != 0 || produceVersion < 0 || fetchVersion < 0) {
            throw new MalformedRequestException("no common versions: needs Produce 3 to 8 and Fetch 4 to 11, error=" +
                cursor.errorCode());
        }
        state = State.READY;
    }

    private static int negotiate(final ApiVersionsCursor cursor, final int lowest, final int highest) {
        final int version = Math.min(cursor.maxVersion(), highest);
        return version >= Math.max(cursor.minVersion(), lowest) ? version : -1;
    }

    private void checkTimeout() throws IOException {
        if (inFlight.count() > 0 && nowNs - inFlight.headSentNs() > configuration.requestTimeoutNs()) {
            throw new IOException("no answer within " + configuration.requestTimeoutNs() / 1_000_000 +
                " ms, requests unanswered: " + inFlight.count());
        }
    }

    private void updateInterest() {
        if (selectionKey != null && selectionKey.isValid()) {
            final int ops = state == State.CONNECTING ? SelectionKey.OP_CONNECT :
                window.length() > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
            if (selectionKey.interestOps() != ops) {
                selectionKey.interestOps(ops);
            }
        }
    }

    private void disconnect(final String reason) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            disconnectReason = reason;
            CloseHelper.quietClose(channel);
            window.free();
            receive.free();
        }
    }

    private void reportDisconnect(final LeanResponseHandler handler) {
        if (!disconnectReported) {
            disconnectReported = true;
            handler.onDisconnect(disconnectReason);
        }
    }
}
