package io.millrace.transport.kafka.server;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ErrorReplies;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.codec.RequestHeader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.agrona.CloseHelper;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One client's socket: bytes in, requests in work in their order, bytes out. Owned by the network thread.
 *
 * <p>Memory is held only for an incomplete request, so an idle connection holds none. No request is taken while an
 * earlier one is parked, too many are in work, or the client does not read its replies.
 */
final class Connection {
    private static final int READ_LENGTH = 64 * 1024;
    private static final int MIN_READ_LENGTH = 4 * 1024;
    private static final int MAX_READS_PER_CYCLE = 4;
    /** Replies ready to be sent beyond which no request is taken before some are. */
    private static final int MAX_UNSENT_LENGTH = 1024 * 1024;
    private static final int MIN_HEADER_LENGTH = Long.BYTES + Short.BYTES;
    private static final int MAX_LOGGED_CLIENT_ID_LENGTH = 100;

    private final long id;
    private final InetAddress address;
    private final String remote;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final ServerShared shared;
    private final SlotQueue inFlight;
    private final ConnectionWriter writer;
    private final int maxInFlightCount;

    private BufferPool.Chunk chunk;
    private int head;
    private int tail;
    private int missingLength;
    private PooledSlot parked;
    private boolean readable;
    private boolean closed;
    private ServerCounter closeCounter;
    private String closeDetail;
    private long memoryStalledSinceNs;
    /** Since when it has had the memory for the bytes of the incomplete request that it may send next. */
    private long incompleteSinceNs;
    private boolean memoryStalled;
    private boolean replyStalled;
    private long measuredReplyLength;
    private boolean working;
    /** Of the last cold request, for the log. */
    private byte[] clientId = new byte[0];

    /** Place in the agent's list of all connections. */
    int listIndex;
    /** Whether the connection waits in the agent's queue for its turn. */
    boolean queued;
    long lastActivityNs;

    Connection(
        final long id,
        final InetAddress address,
        final String remote,
        final SocketChannel channel,
        final SelectionKey key,
        final ServerShared shared) {
        this.id = id;
        this.address = address;
        this.remote = remote;
        this.channel = channel;
        this.key = key;
        this.shared = shared;
        this.maxInFlightCount = shared.context().maxInFlightCount();
        this.inFlight = new SlotQueue(maxInFlightCount);
        this.writer = new ConnectionWriter(channel, shared, inFlight);
        this.lastActivityNs = shared.nowNs();
    }

    long id() {
        return id;
    }

    InetAddress address() {
        return address;
    }

    String remote() {
        return remote;
    }

    /** {@return what the client last called itself, not longer than a log line bears} */
    String clientId() {
        return new String(clientId, StandardCharsets.UTF_8);
    }

    boolean isClosed() {
        return closed;
    }

    /** {@return whether the connection needs another turn soon although its socket may stay silent} */
    boolean isStalled() {
        return parked != null || memoryStalled || replyStalled;
    }

    /** Adds up what its replies and waiting requests hold, for {@link #measuredReplyLength()}. */
    void measureReplyMemory() {
        measuredReplyLength = writer.heldLength() + inFlight.heldLength();
    }

    long measuredReplyLength() {
        return measuredReplyLength;
    }

    boolean isIdle(final long nowNs, final long idleTimeoutNs) {
        return (inFlight.isEmpty() || writer.isBlocked()) && nowNs - lastActivityNs > idleTimeoutNs;
    }

    void onReady(final int readyOps) {
        readable |= (readyOps & SelectionKey.OP_READ) != 0;
        if ((readyOps & SelectionKey.OP_WRITE) != 0) {
            writer.unblock();
        }
        shared.enqueue(this);
    }

    void onSlotCompleted() {
        // within its own turn the replies are flushed at the turn's end
        if (!working) {
            shared.enqueue(this);
        }
    }

    void closeLater(final ServerCounter counter, final String detail) {
        if (closeCounter == null) {
            closeCounter = counter;
            closeDetail = detail;
            onSlotCompleted();
        }
    }

    /** One turn: replies out, requests that wait in memory, then new bytes, then replies out again. */
    int work() {
        int workCount = 0;
        working = true;
        try {
            workCount += writer.flush();
            workCount += takeRequests();
            for (int i = 0; i < MAX_READS_PER_CYCLE && readable && canTake(); i++) {
                workCount += receive();
                workCount += takeRequests();
            }
            workCount += writer.flush();
            // replies that left made room for requests that are in memory already
            if (closeCounter == null && (readable || hasFrame()) && canTake() || writer.hasMore()) {
                shared.enqueue(this);
            }
            settleMemory();
            updateInterest();
        } catch (final IOException e) {
            closeLater(ServerCounter.CLOSED_IO_ERROR, e.getMessage());
        } catch (final MalformedRequestException e) {
            closeLater(ServerCounter.CLOSED_MALFORMED, e.getMessage());
        } catch (final RuntimeException e) {
            closeLater(ServerCounter.CLOSED_INTERNAL_ERROR, e.toString());
        }
        working = false;
        if (closeCounter != null) {
            close(closeCounter, closeDetail);
        } else if (workCount > 0) {
            lastActivityNs = shared.nowNs();
        }
        return workCount;
    }

    /** Closes the socket at once; requests in work are abandoned. */
    void close(final ServerCounter counter, final String detail) {
        if (closed) {
            return;
        }
        closed = true;
        closeCounter = counter;
        // counted and logged before the peer can see it
        shared.onClosing(this, counter, detail);
        key.cancel();
        CloseHelper.quietClose(channel);
        writer.close();
        releaseChunk();
        parked = null;
        while (!inFlight.isEmpty()) {
            abandon(inFlight.poll());
        }
    }

    private void abandon(final PooledSlot slot) {
        if (slot.state() != PooledSlot.State.WORKING || !slot.isSeenByHandler()) {
            slot.recycle();
        } else {
            slot.detach();
            try {
                shared.handler().onAbandoned(slot);
            } catch (final RuntimeException | StackOverflowError e) {
                if (!slot.isCold()) {
                    throw e;
                }
                slot.crash(e);
            }
        }
    }

    private boolean canTake() {
        replyStalled = false;
        if (closeCounter != null || parked != null || memoryStalled || writer.isBlocked() ||
            inFlight.count() >= maxInFlightCount || inFlight.unsentLength() >= MAX_UNSENT_LENGTH) {
            return false;
        }
        replyStalled = isReplyMemoryShort();
        return !replyStalled;
    }

    /** Past the budget only connections with nothing in work are served, past twice the budget none. */
    private boolean isReplyMemoryShort() {
        final long held = shared.replyPool().heldLength();
        final long budget = shared.context().replyBudgetLength();
        return held >= budget && (!inFlight.isEmpty() || held >= 2 * budget);
    }

    private int receive() throws IOException {
        if (!makeRoom()) {
            return 0;
        }
        chunk.memory().limit(chunk.capacity()).position(tail);
        final int received = channel.read(chunk.memory());
        readable = received == chunk.capacity() - tail;
        if (received < 0) {
            closeLater(ServerCounter.CLOSED_BY_PEER, null);
            return 0;
        }
        tail += received;
        shared.counters().add(ServerCounter.BYTES_IN, received);
        return received;
    }

    /** Hands over complete requests until one is refused, too many are in work or bytes are missing. */
    private int takeRequests() {
        int workCount = 0;
        if (parked != null && closeCounter == null) {
            final PooledSlot slot = parked;
            parked = null;
            if (!offer(slot, chunk.buffer().getInt(head, BIG_ENDIAN))) {
                return 0;
            }
            workCount++;
        }
        while (canTake() && hasFrame()) {
            final int length = chunk.buffer().getInt(head, BIG_ENDIAN);
            final RequestHeader header = shared.header().wrap(chunk.buffer(), head + Integer.BYTES, length);
            shared.counters().request(header.apiKey());
            final PooledSlot slot = shared.slots().take();
            if (slot == null) {
                closeLater(ServerCounter.CLOSED_NO_MEMORY, "too many requests in work; lower maxConnections");
                break;
            }
            slot.open(this, header);
            inFlight.add(slot);
            workCount++;
            if (!offer(slot, length)) {
                shared.counters().add(ServerCounter.BACK_PRESSURED, parked == null ? 0 : 1);
                break;
            }
        }
        return workCount;
    }

    /** {@return whether the request was taken} */
    private boolean offer(final PooledSlot slot, final int length) {
        final UnsafeBuffer buffer = chunk.buffer();
        final RequestHeader header = shared.header().wrap(buffer, head + Integer.BYTES, length);
        final int apiKey = header.apiKey();
        final int version = header.apiVersion();
        if (apiKey == ApiTable.API_VERSIONS) {
            slot.complete(
                shared.apiVersions().answer(version, buffer, header.bodyIndex(), header.bodyLength(), slot));
        } else if (!ApiTable.isServed(apiKey, version)) {
            closeLater(ServerCounter.CLOSED_UNSUPPORTED, unsupported(apiKey, version));
        } else if (!offerToHandler(slot, header, buffer)) {
            return false;
        }
        head += Integer.BYTES + length;
        incompleteSinceNs = shared.nowNs();
        return closeCounter == null;
    }

    private boolean offerToHandler(final PooledSlot slot, final RequestHeader header, final UnsafeBuffer buffer) {
        slot.offered(buffer, header.bodyIndex(), header.bodyLength());
        if (slot.isCold()) {
            noteClientId(header, buffer);
        }
        int result = RequestHandler.ACCEPTED;
        try {
            result = shared.handler()
                .onRequest(header, buffer, header.bodyIndex(), header.bodyLength(), slot);
        } catch (final MalformedRequestException e) {
            inFlight.removeLast(slot);
            slot.recycle();
            throw e;
        } catch (final RuntimeException | StackOverflowError e) {
            if (!slot.isCold() && e instanceof Error) {
                throw e; // between claim and commit of a batch there is no way back
            }
            return answerFailure(slot, header, buffer, e);
        } finally {
            slot.offerEnded();
        }
        if (result == RequestHandler.BACK_PRESSURE && slot.state() == PooledSlot.State.WORKING) {
            parked = slot;
            return false;
        }
        return true;
    }

    /** {@return whether the client could be told that the broker failed at its request} */
    private boolean answerFailure(
        final PooledSlot slot, final RequestHeader header, final UnsafeBuffer buffer, final Throwable failure) {
        shared.onCrash(slot, failure);
        if (slot.isCold() && slot.state() != PooledSlot.State.WORKING) {
            return true; // answered before
        }
        if (slot.isCold()) {
            inFlight.removeLast(slot);
            slot.retire();
            final PooledSlot answer = shared.slots().take();
            answer.open(this, header); // there is one: the other has just come free
            inFlight.add(answer);
            try {
                answer.complete(ErrorReplies.encode(header.apiKey(), header.apiVersion(), buffer, header.bodyIndex(),
                    header.bodyLength(), answer));
                return true;
            } catch (final RuntimeException | StackOverflowError e) {
                inFlight.removeLast(answer);
                answer.recycle();
            }
        }
        closeLater(ServerCounter.CLOSED_INTERNAL_ERROR, ApiTable.name(header.apiKey()) + " failed: " + failure);
        return false;
    }

    private void noteClientId(final RequestHeader header, final UnsafeBuffer buffer) {
        final int length = Math.max(0, Math.min(header.clientIdLength(), MAX_LOGGED_CLIENT_ID_LENGTH));
        if (clientId.length != length) {
            clientId = new byte[length];
        }
        buffer.getBytes(header.clientIdIndex(), clientId, 0, length);
    }

    private boolean hasFrame() {
        final int available = tail - head;
        missingLength = 0;
        if (available < Integer.BYTES) {
            return false;
        }
        final int length = chunk.buffer().getInt(head, BIG_ENDIAN);
        final int maxLength = shared.context().maxRequestLength();
        if (length < MIN_HEADER_LENGTH || length > maxLength) {
            closeLater(ServerCounter.CLOSED_BAD_FRAME_LENGTH, "request length out of bounds: length=" + length +
                ", limit=" + maxLength + "; send smaller requests, and check that the client speaks Kafka's protocol");
            return false;
        }
        if (available >= Integer.BYTES + Short.BYTES) {
            final short apiKey = chunk.buffer().getShort(head + Integer.BYTES, BIG_ENDIAN);
            final int maxColdLength = shared.context().maxColdRequestLength();
            if (length > maxColdLength && apiKey != ApiTable.PRODUCE) {
                closeLater(ServerCounter.CLOSED_BAD_FRAME_LENGTH, ApiTable.name(apiKey) +
                    " request too long: length=" + length + ", limit=" + maxColdLength + "; send smaller requests");
                return false;
            }
        }
        missingLength = Math.max(0, Integer.BYTES + length - available);
        return missingLength == 0;
    }

    /** Makes room to read into; false when the memory budget allows no more now. */
    private boolean makeRoom() {
        final int held = tail - head;
        int wanted = READ_LENGTH;
        if (chunk != null && held + missingLength > chunk.capacity() - head) {
            // doubling: memory grows only as bytes really arrive
            wanted = Math.min(Math.max(READ_LENGTH, 2 * held), Math.max(READ_LENGTH, held + missingLength));
        }
        final int enough = missingLength == 0 ? MIN_READ_LENGTH : Math.min(missingLength, MIN_READ_LENGTH);
        if (chunk != null && chunk.capacity() >= READ_LENGTH && chunk.capacity() - tail >= enough) {
            return true;
        }
        if (chunk != null && chunk.capacity() >= wanted && head > 0) {
            chunk.buffer().putBytes(0, chunk.buffer(), head, held);
        } else {
            final BufferPool pool = shared.receivePool();
            final long budget = shared.context().receiveBudgetLength();
            // the last quarter is for short requests, so that long ones cannot lock the others out
            final long limit = wanted > READ_LENGTH
                ? Math.max(budget - budget / 4, 2L * shared.context().maxRequestLength()) : budget;
            if (pool.heldLength() + pool.capacityFor(wanted) > limit) {
                stall();
                return false;
            }
            final BufferPool.Chunk larger = pool.acquire(wanted);
            if (chunk == null) {
                incompleteSinceNs = shared.nowNs();
            } else {
                larger.buffer().putBytes(0, chunk.buffer(), head, held);
                pool.release(chunk);
            }
            chunk = larger;
        }
        head = 0;
        tail = held;
        return true;
    }

    private void stall() {
        if (!memoryStalled) {
            memoryStalled = true;
            memoryStalledSinceNs = shared.nowNs();
        }
    }

    /**
     * A new attempt to get memory; when one waits for too long, somebody is closed.
     *
     * @return whether a connection was closed, so that what it held comes free
     */
    boolean retryMemory(final long nowNs) {
        if (memoryStalled && !closed) {
            // a failed attempt leaves the stall and its beginning as they are
            if (makeRoom()) {
                memoryStalled = false;
                readable = true;
                incompleteSinceNs = nowNs; // others did not let it send before
            } else if (nowNs - memoryStalledSinceNs > shared.context().memoryStallTimeoutNs()) {
                memoryStalledSinceNs = nowNs;
                return shared.relieveReceiveMemory();
            }
        }
        return false;
    }

    /** {@return whether it holds memory for a long request and could send more of it} */
    boolean isHolding() {
        return canSendMore() && chunk.capacity() > READ_LENGTH;
    }

    /** {@return whether it holds memory for a short request and could send more of it} */
    boolean isHoldingShort() {
        return canSendMore() && chunk.capacity() <= READ_LENGTH;
    }

    private boolean canSendMore() {
        return chunk != null && parked == null && !memoryStalled && inFlight.count() < maxInFlightCount;
    }

    /** {@return for how long it could have sent more of the request for which it holds memory} */
    long holdingNs(final long nowNs) {
        return nowNs - incompleteSinceNs;
    }

    /** {@return whether it waits for more memory than it holds} */
    boolean isHoldingStalled() {
        return memoryStalled && chunk != null;
    }

    /** Waits anew: another connection was closed, and what it held may be enough. */
    void restartMemoryStall(final long nowNs) {
        memoryStalledSinceNs = nowNs;
    }

    /** Gives memory back that nothing incomplete needs. */
    private void settleMemory() {
        if (chunk == null || parked != null) {
            return;
        }
        final int held = tail - head;
        if (held == 0) {
            releaseChunk();
        } else if (!readable && !memoryStalled && chunk.capacity() >= 4 * Math.max(held, ServerShared.MIN_RECEIVE)) {
            final BufferPool.Chunk smaller = shared.receivePool().acquire(held);
            smaller.buffer().putBytes(0, chunk.buffer(), head, held);
            shared.receivePool().release(chunk);
            chunk = smaller;
            head = 0;
            tail = held;
        }
    }

    private void releaseChunk() {
        if (chunk != null) {
            shared.receivePool().release(chunk);
            chunk = null;
        }
        head = 0;
        tail = 0;
        missingLength = 0;
    }

    private void updateInterest() {
        if (closeCounter == null) {
            final int ops = (canTake() ? SelectionKey.OP_READ : 0) | (writer.isBlocked() ? SelectionKey.OP_WRITE : 0);
            if (key.interestOps() != ops) {
                key.interestOps(ops);
            }
        }
    }

    private static String unsupported(final int apiKey, final int version) {
        return ApiTable.isAdvertised(apiKey) ?
            ApiTable.name(apiKey) + " version not served: version=" + version + ", served=" +
                (apiKey == ApiTable.PRODUCE ? ApiTable.PRODUCE_MIN_DECODED : ApiTable.minVersion(apiKey)) + " to " +
                ApiTable.maxVersion(apiKey) + "; use a client that asks ApiVersions" :
            ApiTable.name(apiKey) + " is not served; use a client that asks ApiVersions";
    }
}
