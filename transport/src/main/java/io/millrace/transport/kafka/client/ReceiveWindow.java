package io.millrace.transport.kafka.client;

import io.millrace.transport.kafka.codec.MalformedRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Received bytes, parsed into length-prefixed frames. Grows only as bytes really arrive. Owned by the connection's
 * thread.
 */
final class ReceiveWindow {
    private static final int INITIAL_CAPACITY = 64 * 1024;

    private final int maxFrameLength;
    private ByteBuffer memory = ByteBuffer.allocateDirect(INITIAL_CAPACITY);
    private final UnsafeBuffer buffer = new UnsafeBuffer(memory);
    private int head;
    private int tail;
    private int frameIndex;

    ReceiveWindow(final int maxFrameLength) {
        this.maxFrameLength = maxFrameLength;
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int frameIndex() {
        return frameIndex;
    }

    /** {@return bytes received, -1 at the end of the stream} */
    int readFrom(final SocketChannel channel) throws IOException {
        if (tail == memory.capacity()) {
            grow();
        }
        memory.limit(memory.capacity()).position(tail);
        final int received = channel.read(memory);
        tail += Math.max(received, 0);
        return received;
    }

    /** {@return length of the next complete frame, which is taken, -1 when there is none} */
    int nextFrame() {
        if (tail - head < Integer.BYTES) {
            return -1;
        }
        final int length = buffer.getInt(head, ByteOrder.BIG_ENDIAN);
        if (length < 0 || length > maxFrameLength) {
            throw new MalformedRequestException("response length out of bounds: length=" + length + ", limit=" +
                maxFrameLength);
        }
        if (tail - head - Integer.BYTES < length) {
            return -1;
        }
        frameIndex = head + Integer.BYTES;
        head = frameIndex + length;
        return length;
    }

    void compact() {
        if (memory != null && head > 0) {
            memory.limit(tail).position(head);
            memory.compact();
            tail -= head;
            head = 0;
        }
    }

    void free() {
        if (memory != null) {
            buffer.wrap(new byte[0]);
            BufferUtil.free(memory);
            memory = null;
            head = 0;
            tail = 0;
        }
    }

    private void grow() {
        final int capacity = (int) Math.min(2L * memory.capacity(), (long) maxFrameLength + Integer.BYTES);
        final ByteBuffer larger = ByteBuffer.allocateDirect(capacity);
        memory.limit(tail).position(0);
        larger.put(memory);
        BufferUtil.free(memory);
        memory = larger;
        buffer.wrap(larger);
    }
}
