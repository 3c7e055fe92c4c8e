package io.millrace.engine.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class BufferViewsTest {
    private static final int ROUNDS = 50_000;

    private final Checksums checksums = new Checksums();

    @Test
    void shouldSeeTheSameBytesAsTheBufferWithoutMovingItsPositions() {
        final ByteBuffer memory = ByteBuffer.allocateDirect(64).position(3).limit(60);
        final UnsafeBuffer buffer = new UnsafeBuffer(memory, 8, 16);
        buffer.putByte(2, (byte) 77);
        final ByteBuffer view = new BufferViews().of(buffer);
        assertEquals(77, view.get(buffer.wrapAdjustment() + 2));
        view.limit(9).position(5);
        assertEquals(3, memory.position());
        assertEquals(60, memory.limit());
    }

    @Test
    void shouldFindEachOfManyBuffersAgain() {
        final BufferViews views = new BufferViews();
        final UnsafeBuffer[] buffers = new UnsafeBuffer[20];
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = new UnsafeBuffer(i % 2 == 0 ? ByteBuffer.allocateDirect(8) : ByteBuffer.allocate(8));
            buffers[i].putByte(0, (byte) i);
        }
        for (int i = 0; i < 1000; i++) {
            final UnsafeBuffer buffer = buffers[i * 7 % buffers.length];
            assertEquals(i * 7 % buffers.length, views.of(buffer).get(buffer.wrapAdjustment()));
        }
    }

    @Test
    void shouldAllocateNothingWhenFramesComeFromSeveralBuffersInTurns() {
        final DirectBuffer[] buffers = {new UnsafeBuffer(ByteBuffer.allocateDirect(64)),
            new UnsafeBuffer(new byte[64]), new UnsafeBuffer(ByteBuffer.allocateDirect(64)),
            new UnsafeBuffer(ByteBuffer.allocateDirect(64), 8, 40)};
        final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        int sum = turns(buffers);
        final long before = threads.getCurrentThreadAllocatedBytes();
        sum += turns(buffers);
        final long perTurn = (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
        assertTrue(perTurn < 8, "bytes allocated in each turn: " + perTurn + " " + sum);
    }

    private int turns(final DirectBuffer[] buffers) {
        int sum = 0;
        for (int i = 0; i < ROUNDS; i++) {
            sum += checksums.crc(buffers[i % buffers.length], 0, 32);
        }
        return sum;
    }
}
