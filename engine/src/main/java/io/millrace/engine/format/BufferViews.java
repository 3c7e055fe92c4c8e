package io.millrace.engine.format;

import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;

/**
 * Views of the buffers seen last, on which positions may be moved without their owners noticing. Owned by one thread;
 * allocates nothing once it has seen the buffers it goes between.
 *
 * <p>There are several at a time: a follower takes frames from the stream of each leader, and those that were split
 * from a buffer of its own.
 */
public final class BufferViews {
    private static final int COUNT = 8;

    private final Object[] seen = new Object[COUNT];
    private final ByteBuffer[] views = new ByteBuffer[COUNT];
    private int last;
    private int next;

    /**
     * {@return a view of all the memory that the buffer lies in; its own begins at {@link DirectBuffer#wrapAdjustment}}
     *
     * @param buffer over a ByteBuffer or an array
     */
    public ByteBuffer of(final DirectBuffer buffer) {
        final ByteBuffer byteBuffer = buffer.byteBuffer();
        final Object memory = byteBuffer == null ? buffer.byteArray() : byteBuffer;
        if (seen[last] != memory) {
            select(memory, byteBuffer);
        }
        return views[last].clear();
    }

    private void select(final Object memory, final ByteBuffer byteBuffer) {
        for (int i = 0; i < COUNT; i++) {
            if (seen[i] == memory) {
                last = i;
                return;
            }
        }
        views[next] = byteBuffer == null ? ByteBuffer.wrap((byte[]) memory) : byteBuffer.duplicate();
        seen[next] = memory;
        last = next;
        next = (next + 1) % COUNT;
    }
}
