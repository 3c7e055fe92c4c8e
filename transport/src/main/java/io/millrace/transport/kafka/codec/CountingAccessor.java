package io.millrace.transport.kafka.codec;

import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ByteBufferAccessor;

/**
 * Gives up on a request of too many fields: an element that takes two bytes of a request takes hundreds on the heap
 * once it is decoded and answered. Owned by the thread that decodes.
 */
final class CountingAccessor extends ByteBufferAccessor {
    /** Enough for 10,000 partitions of 1,000 topics in any request. */
    static final int MAX_FIELD_COUNT = 200_000;

    private int count;

    CountingAccessor(final ByteBuffer buffer) {
        super(buffer);
    }

    @Override
    public byte readByte() {
        count();
        return super.readByte();
    }

    @Override
    public short readShort() {
        count();
        return super.readShort();
    }

    @Override
    public int readInt() {
        count();
        return super.readInt();
    }

    @Override
    public long readLong() {
        count();
        return super.readLong();
    }

    @Override
    public int readUnsignedVarint() {
        count();
        return super.readUnsignedVarint();
    }

    private void count() {
        if (++count > MAX_FIELD_COUNT) {
            throw new MalformedRequestException("more fields than any client needs: limit=" + MAX_FIELD_COUNT +
                "; ask for fewer topics or partitions at a time");
        }
    }
}
