package io.millrace.transport.kafka.server;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.RequestHeader;
import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The slot behind {@link ReplySlot}. Owned by the network thread. */
final class PooledSlot implements ReplySlot {
    static final int INDEX_BITS = 20;
    static final int GENERATION_BITS = 23;
    private static final int MAX_KEPT_REGIONS = 1024;
    private static final int INITIAL_REGIONS = 8;

    /**
     * Where a slot is in its life. FAILED closes the connection when what was asked before it is answered. RETIRED
     * slots were given up by {@link #crash}: another object has their place, this one ignores what is done to it.
     */
    enum State { FREE, WORKING, READY, NO_REPLY, FAILED, RETIRED }

    private final int index;
    private final ReplySlots slots;
    /** From 1 on, so that no reply id is 0: to those who take reply ids that number means that nobody asks. */
    private int generation = 1;
    private State state = State.FREE;
    private Connection connection;
    private long connectionId;
    private short apiKey;
    private short apiVersion;
    private int correlationId;
    private Object attachment;
    private BufferPool.Chunk requestChunk;
    private int requestLength;
    private BufferPool.Chunk replyChunk;
    private int length;
    private ReleaseHandler release;
    private boolean seenByHandler;
    private DirectBuffer offeredBody;
    private int offeredBodyIndex;
    private int offeredBodyLength;
    long timerId = SlotTimers.NO_TIMER;
    boolean expired;

    private LogFile[] regionFiles = new LogFile[INITIAL_REGIONS];
    private long[] regionFileOffsets = new long[INITIAL_REGIONS];
    private int[] regionLengths = new int[INITIAL_REGIONS];
    private int[] regionIndexes = new int[INITIAL_REGIONS];
    private int regionCount;
    private int placedRegionCount;

    /** How far the reply was handed to the socket: next byte, next region, bytes sent of that region. */
    int sentIndex;
    int sentRegionCount;
    int sentOfRegion;

    PooledSlot(final int index, final ReplySlots slots) {
        this.index = index;
        this.slots = slots;
    }

    /** {@return what takes the place of a retired slot; its reply ids are new} */
    PooledSlot successor() {
        final PooledSlot successor = new PooledSlot(index, slots);
        successor.generation = nextGeneration();
        return successor;
    }

    private int nextGeneration() {
        return Math.max(1, generation + 1 & (1 << GENERATION_BITS) - 1);
    }

    void open(final Connection owner, final RequestHeader header) {
        state = State.WORKING;
        connection = owner;
        connectionId = owner.id();
        apiKey = header.apiKey();
        apiVersion = header.apiVersion();
        correlationId = header.correlationId();
    }

    /** Lets the handler see the request; false once the handler returned. */
    void offered(final DirectBuffer body, final int bodyIndex, final int bodyLength) {
        seenByHandler = true;
        offeredBody = body;
        offeredBodyIndex = bodyIndex;
        offeredBodyLength = bodyLength;
    }

    void offerEnded() {
        offeredBody = null;
    }

    State state() {
        return state;
    }

    /** {@return whether the writer is done with waiting for it: there is a reply, or none is due} */
    boolean isAnswered() {
        return state == State.READY || state == State.NO_REPLY;
    }

    /**
     * {@return whether a failure at its request harms nothing else: not one whose records may be half in the log}
     */
    boolean isCold() {
        return apiKey != ApiTable.PRODUCE && apiKey != ApiTable.FETCH;
    }

    int index() {
        return index;
    }

    int generation() {
        return generation;
    }

    Connection connection() {
        return connection;
    }

    boolean isSeenByHandler() {
        return seenByHandler;
    }

    int length() {
        return length;
    }

    /** {@return bytes of memory held for the reply and for a request that waits} */
    int heldLength() {
        return (replyChunk == null ? 0 : replyChunk.capacity()) + (requestChunk == null ? 0 : requestChunk.capacity());
    }

    BufferPool.Chunk replyChunk() {
        return replyChunk;
    }

    /** The connection is gone; the slot waits for its completion alone. */
    void detach() {
        connection = null;
    }

    /** Tells the release handler, gives memory back and makes the slot's reply ids stale. */
    void recycle() {
        giveBack();
        if (state == State.RETIRED) {
            return;
        }
        if (regionFiles.length > MAX_KEPT_REGIONS) {
            allocateRegions(INITIAL_REGIONS);
        }
        sentIndex = 0;
        sentRegionCount = 0;
        sentOfRegion = 0;
        requestLength = 0;
        length = 0;
        attachment = null;
        connection = null;
        offeredBody = null;
        seenByHandler = false;
        expired = false;
        state = State.FREE;
        generation = nextGeneration();
        slots.free(this);
    }

    /** Whoever may still know this slot does no harm with it any more. */
    void retire() {
        state = State.RETIRED;
        giveBack();
        attachment = null;
        connection = null;
        offeredBody = null;
        slots.replace(this);
    }

    private void giveBack() {
        final ReleaseHandler handler = release;
        release = null;
        if (handler != null) {
            handler.onReleased(this);
        }
        slots.cancelTimer(this);
        if (requestChunk != null) {
            slots.replyPool().release(requestChunk);
            requestChunk = null;
        }
        if (replyChunk != null) {
            slots.replyPool().release(replyChunk);
            replyChunk = null;
        }
        clearRegions();
    }

    int regionCount() {
        return regionCount;
    }

    LogFile regionFile(final int region) {
        return regionFiles[region];
    }

    long regionFileOffset(final int region) {
        return regionFileOffsets[region];
    }

    int regionLength(final int region) {
        return regionLengths[region];
    }

    int regionIndex(final int region) {
        return regionIndexes[region];
    }

    @Override
    public short apiKey() {
        return apiKey;
    }

    @Override
    public short apiVersion() {
        return apiVersion;
    }

    @Override
    public int correlationId() {
        return correlationId;
    }

    @Override
    public long connectionId() {
        return connectionId;
    }

    @Override
    public String clientHost() {
        final String remote = connection == null ? "" : connection.remote();
        final int colon = remote.lastIndexOf(':');
        return colon < 0 ? remote : remote.substring(0, colon);
    }

    @Override
    public boolean isConnected() {
        return connection != null;
    }

    @Override
    public long replyId(final int entry) {
        if (entry < 0 || entry >= ENTRY_LIMIT) {
            throw new IllegalArgumentException("entry out of bounds: entry=" + entry + ", limit=" + ENTRY_LIMIT);
        }
        return (long) generation << INDEX_BITS + ENTRY_BITS | (long) index << ENTRY_BITS | entry;
    }

    @Override
    public Object attachment() {
        return attachment;
    }

    @Override
    public void attach(final Object value) {
        attachment = value;
    }

    @Override
    public void retainRequest() {
        if (offeredBody == null) {
            throw new IllegalStateException("retainRequest is only possible within onRequest");
        }
        if (requestChunk == null) {
            requestChunk = slots.replyPool().acquire(Math.max(offeredBodyLength, 1));
            requestChunk.buffer().putBytes(0, offeredBody, offeredBodyIndex, offeredBodyLength);
            requestLength = offeredBodyLength;
        }
    }

    @Override
    public DirectBuffer requestBuffer() {
        return requestChunk == null ? null : requestChunk.buffer();
    }

    @Override
    public int requestLength() {
        return requestLength;
    }

    @Override
    public void expireAt(final long deadlineNs) {
        requireWorking();
        if (state == State.WORKING) {
            slots.schedule(this, deadlineNs);
        }
    }

    @Override
    public void cancelExpiry() {
        slots.cancelTimer(this);
        expired = false;
    }

    @Override
    public MutableDirectBuffer ensureCapacity(final int capacity) {
        if (replyChunk != null && replyChunk.capacity() >= capacity) {
            return replyChunk.buffer();
        }
        if (capacity < 0 || capacity > slots.maxReplyLength()) {
            throw new IllegalStateException("reply longer than the limit: length=" + capacity + ", maxReplyLength=" +
                slots.maxReplyLength() + "; ask for less or raise maxReplyLength");
        }
        final int current = replyChunk == null ? 0 : replyChunk.capacity();
        final int grown = (int) Math.min(slots.maxReplyLength(), Math.max(capacity, current * 2L));
        final BufferPool.Chunk larger = slots.replyPool().acquire(grown);
        if (replyChunk != null) {
            larger.buffer().putBytes(0, replyChunk.buffer(), 0, current);
            slots.replyPool().release(replyChunk);
        }
        replyChunk = larger;
        return larger.buffer();
    }

    @Override
    public void addRegion(final LogFile file, final long fileOffset, final int regionLength) {
        if (regionCount == regionFiles.length) {
            allocateRegions(regionCount * 2);
        }
        regionFiles[regionCount] = file;
        regionFileOffsets[regionCount] = fileOffset;
        regionLengths[regionCount] = regionLength;
        regionCount++;
    }

    @Override
    public void placeRegions(final int atIndex) {
        while (placedRegionCount < regionCount) {
            regionIndexes[placedRegionCount++] = atIndex;
        }
    }

    @Override
    public void clearRegions() {
        Arrays.fill(regionFiles, 0, regionCount, null);
        regionCount = 0;
        placedRegionCount = 0;
    }

    @Override
    public void complete(final int replyLength) {
        complete(replyLength, null);
    }

    @Override
    public void complete(final int replyLength, final ReleaseHandler releaseHandler) {
        requireWorking();
        release = releaseHandler;
        length = replyLength;
        long frameLength = replyLength - (long) Integer.BYTES;
        for (int i = 0; i < regionCount; i++) {
            frameLength += regionLengths[i];
        }
        if (frameLength > Integer.MAX_VALUE || replyLength < BODY_INDEX) {
            finish(State.FAILED, "reply length out of bounds: length=" + frameLength);
            return;
        }
        final MutableDirectBuffer buffer = ensureCapacity(replyLength);
        buffer.putInt(0, (int) frameLength, BIG_ENDIAN);
        buffer.putInt(Integer.BYTES, correlationId, BIG_ENDIAN);
        finish(State.READY, null);
    }

    @Override
    public void completeWithoutReply() {
        requireWorking();
        finish(State.NO_REPLY, null);
    }

    @Override
    public void fail(final String reason) {
        requireWorking();
        finish(State.FAILED, reason);
    }

    @Override
    public void crash(final Throwable failure) {
        slots.onCrash(this, failure);
        if (state == State.WORKING) {
            final Connection owner = connection;
            retire();
            if (owner != null) {
                owner.closeLater(ServerCounter.CLOSED_INTERNAL_ERROR, ApiTable.name(apiKey) + " failed: " + failure);
            }
        }
    }

    private void finish(final State newState, final String closeReason) {
        if (state == State.RETIRED) {
            giveBack();
            return;
        }
        slots.cancelTimer(this);
        state = newState;
        if (connection == null) {
            recycle();
            return;
        }
        if (closeReason == null) {
            connection.onSlotCompleted();
        } else {
            connection.closeLater(ServerCounter.CLOSED_BY_HANDLER, closeReason);
        }
    }

    private void requireWorking() {
        if (state != State.WORKING && state != State.RETIRED) {
            throw new IllegalStateException("slot is not in work: state=" + state);
        }
    }

    private void allocateRegions(final int capacity) {
        final int kept = Math.min(regionCount, capacity);
        final LogFile[] files = new LogFile[capacity];
        System.arraycopy(regionFiles, 0, files, 0, kept);
        regionFiles = files;
        regionFileOffsets = Arrays.copyOf(regionFileOffsets, capacity);
        regionLengths = Arrays.copyOf(regionLengths, capacity);
        regionIndexes = Arrays.copyOf(regionIndexes, capacity);
    }
}
