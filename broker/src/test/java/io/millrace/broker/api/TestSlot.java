package io.millrace.broker.api;

import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.server.ReplySlot;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One request whose answer is kept in memory; it wants one answer, and whoever reads it wants one that came. */
final class TestSlot implements ReplySlot {
    private final ExpandableArrayBuffer reply = new ExpandableArrayBuffer();
    private final long id;
    private final short apiKey;
    private final short version;
    private final DirectBuffer request;
    private Object attachment;
    private boolean isCompleted;
    /** Whether no answer can be written. */
    boolean isBroken;
    Throwable crash;
    private int replyLength;

    TestSlot(final int apiKey, final int version, final DirectBuffer request) {
        this(0, apiKey, version, request);
    }

    TestSlot(final long id, final int apiKey, final int version, final ByteBuffer request) {
        this(id, apiKey, version, copy(request));
    }

    private TestSlot(final long id, final int apiKey, final int version, final DirectBuffer request) {
        this.id = id;
        this.apiKey = (short) apiKey;
        this.version = (short) version;
        this.request = request;
    }

    private static DirectBuffer copy(final ByteBuffer source) {
        final byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        return new UnsafeBuffer(bytes);
    }

    boolean isCompleted() {
        return isCompleted;
    }

    /** {@return the answer without length and correlation id} */
    ByteBuffer body() {
        if (!isCompleted) {
            throw new AssertionError("not answered");
        }
        return ByteBuffer.wrap(reply.byteArray(), BODY_INDEX, replyLength - BODY_INDEX).slice();
    }

    @Override
    public short apiKey() {
        return apiKey;
    }

    @Override
    public short apiVersion() {
        return version;
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
        return request.capacity();
    }

    @Override
    public void expireAt(final long deadlineNs) {
        // time stands still
    }

    @Override
    public void cancelExpiry() {
        // see expireAt
    }

    @Override
    public void complete(final int length) {
        if (isCompleted) {
            throw new AssertionError("answered twice");
        }
        isCompleted = true;
        replyLength = length;
    }

    @Override
    public void complete(final int length, final ReleaseHandler release) {
        complete(length);
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
    public void crash(final Throwable failure) {
        crash = failure;
        attachment = null;
    }

    @Override
    public MutableDirectBuffer ensureCapacity(final int capacity) {
        if (isBroken) {
            throw new IllegalStateException("made to fail");
        }
        reply.checkLimit(capacity);
        return reply;
    }

    @Override
    public void addRegion(final LogFile file, final long fileOffset, final int length) {
        // what they hold does not matter here
    }

    @Override
    public void placeRegions(final int atIndex) {
        // what they hold does not matter here
    }

    @Override
    public void clearRegions() {
        // they are not kept
    }
}
