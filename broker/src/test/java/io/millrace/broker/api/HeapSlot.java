package io.millrace.broker.api;

import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.ReplyTarget;
import io.millrace.transport.kafka.server.ReplySlot;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** A reply in the heap, without a connection and without regions. For tests. */
final class HeapSlot implements ReplySlot {
    private final ExpandableArrayBuffer memory = new ExpandableArrayBuffer();
    private final DirectBuffer request;
    private final int requestLength;
    private final short apiKey;
    private final short apiVersion;
    private final long id;
    private Object attachment;
    private int length = -1;

    HeapSlot(final long id, final short apiKey, final short apiVersion, final ByteBuffer request) {
        this.id = id;
        this.apiKey = apiKey;
        this.apiVersion = apiVersion;
        this.requestLength = request.remaining();
        final byte[] bytes = new byte[requestLength];
        request.get(bytes);
        this.request = new UnsafeBuffer(bytes);
    }

    boolean isAnswered() {
        return length >= 0;
    }

    /** {@return the body of the response} */
    ByteBuffer response() {
        final byte[] bytes = new byte[length - ReplyTarget.BODY_INDEX];
        memory.getBytes(ReplyTarget.BODY_INDEX, bytes);
        return ByteBuffer.wrap(bytes);
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
        return 1;
    }

    @Override
    public long connectionId() {
        return 1;
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public long replyId(final int entry) {
        return id << ENTRY_BITS | entry;
    }

    @Override
    public Object attachment() {
        return attachment;
    }

    @Override
    public void attach(final Object newAttachment) {
        attachment = newAttachment;
    }

    @Override
    public void retainRequest() {
        // it stays anyway
    }

    @Override
    public DirectBuffer requestBuffer() {
        return request;
    }

    @Override
    public int requestLength() {
        return requestLength;
    }

    @Override
    public void expireAt(final long deadlineNs) {
        // the test says when
    }

    @Override
    public void cancelExpiry() {
        // the test says when
    }

    @Override
    public void complete(final int newLength) {
        length = newLength;
    }

    @Override
    public void complete(final int newLength, final ReleaseHandler release) {
        length = newLength;
        release.onReleased(this);
    }

    @Override
    public void completeWithoutReply() {
        throw new AssertionError("an answer was asked for");
    }

    @Override
    public void fail(final String reason) {
        throw new AssertionError(reason);
    }

    @Override
    public MutableDirectBuffer ensureCapacity(final int capacity) {
        memory.checkLimit(capacity);
        return memory;
    }

    @Override
    public void addRegion(final LogFile file, final long fileOffset, final int regionLength) {
        // what is fetched does not matter here
    }

    @Override
    public void placeRegions(final int atIndex) {
        // there are none
    }

    @Override
    public void clearRegions() {
        // there are none
    }
}
