package io.millrace.transport.kafka.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/** Requests waiting for the socket, one after the other in one direct buffer. Owned by the connection's thread. */
final class SendWindow {
    private final int capacity;
    private ByteBuffer memory;
    private UnsafeBuffer buffer;
    private int head;
    private int tail;

    SendWindow(final int capacity) {
        this.capacity = capacity;
        this.memory = ByteBuffer.allocateDirect(capacity);
        this.buffer = new UnsafeBuffer(memory);
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    int length() {
        return tail - head;
    }

    /** {@return index to write to, -1 when there is no room now} */
    int claim(final int length) {
        if (length > capacity - tail) {
            if (length > capacity - (tail - head)) {
                return -1;
            }
            memory.limit(tail).position(head);
            memory.compact();
            tail -= head;
            head = 0;
        }
        return tail;
    }

    void commit(final int length) {
        tail += length;
    }

    int writeTo(final SocketChannel channel) throws IOException {
        memory.limit(tail).position(head);
        final int written = channel.write(memory);
        head += written;
        if (head == tail) {
            head = 0;
            tail = 0;
        }
        return written;
    }

    void free() {
        if (memory != null) {
            final ByteBuffer freed = memory;
            memory = null;
            buffer = new UnsafeBuffer(new byte[0]);
            head = 0;
            tail = 0;
            BufferUtil.free(freed);
        }
    }
}
