package io.millrace.broker.sim;

import io.millrace.transport.replication.ReplicaLink;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One broker's end of the {@link SimNetwork}. Owned by the one thread. */
public final class SimLink implements ReplicaLink {
    /** Sees, and may change, what a broker sends and receives; this is how the mutants of the simulation lie. */
    public interface Interceptor {
        default void onSend(final int toBrokerId, final MutableDirectBuffer buffer, final int length) {
        }

        default void onReceive(final int fromBrokerId, final MutableDirectBuffer buffer, final int length) {
        }
    }

    private static final int GUARD_LENGTH = 64;

    private final int brokerId;
    private final SimNetwork network;
    private final ByteBuffer claimMemory = ByteBuffer.allocateDirect(1 << 16);
    private final ByteBuffer pollMemory = ByteBuffer.allocateDirect(1 << 16);
    private final UnsafeBuffer claimBuffer = new UnsafeBuffer(claimMemory, GUARD_LENGTH, (1 << 16) - GUARD_LENGTH);
    private final UnsafeBuffer pollBuffer = new UnsafeBuffer(pollMemory, GUARD_LENGTH, (1 << 16) - GUARD_LENGTH);
    private Interceptor interceptor = new Interceptor() {
    };
    private boolean closed;

    SimLink(final int brokerId, final SimNetwork network) {
        this.brokerId = brokerId;
        this.network = network;
    }

    public void interceptor(final Interceptor newInterceptor) {
        interceptor = newInterceptor;
    }

    @Override
    public long offer(
        final int toBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
        return claim(toBrokerId, stream, length, (target, targetIndex, targetLength) -> {
            target.putBytes(targetIndex, buffer, index, targetLength);
            return true;
        });
    }

    @Override
    public long claim(final int toBrokerId, final int stream, final int length, final MessageFiller filler) {
        if (length > maxMessageLength(stream)) {
            throw new IllegalArgumentException("message too long: length=" + length + " stream=" + stream);
        }
        if (closed) {
            return CLOSED;
        }
        final SimChannel channel = network.channel(brokerId, toBrokerId, stream);
        if (!channel.isConnected()) {
            return NOT_CONNECTED;
        }
        final long whim = network.whim();
        if (whim != 0) {
            return whim;
        }
        if (!channel.hasRoom(length)) {
            network.counters().backPressured++;
            return BACK_PRESSURED;
        }
        final int index = 8 * network.nextInt(64);
        if (!filler.fill(claimBuffer, index, length)) {
            return 1; // given back
        }
        final byte[] bytes = new byte[length];
        claimBuffer.getBytes(index, bytes);
        interceptor.onSend(toBrokerId, new UnsafeBuffer(bytes), length);
        channel.send(bytes);
        network.counters().messages++;
        network.counters().bytes += length;
        network.counters().catchUpMessages += stream == CATCH_UP_STREAM ? 1 : 0;
        return 1;
    }

    @Override
    public int maxMessageLength(final int stream) {
        return network.maxMessageLength(stream);
    }

    @Override
    public boolean isConnected(final int toBrokerId, final int stream) {
        return !closed && network.channel(brokerId, toBrokerId, stream).isConnected();
    }

    @Override
    public int poll(final MessageHandler handler, final int messageLimit) {
        int count = 0;
        for (int i = 0; i < network.channels().size() && !closed; i++) {
            final SimChannel channel = network.channels().get(i);
            byte[] bytes;
            while (channel.to == brokerId && count < messageLimit && !closed && (bytes = channel.poll()) != null) {
                final int index = 8 * network.nextInt(64);
                interceptor.onReceive(channel.from, new UnsafeBuffer(bytes), bytes.length);
                pollBuffer.putBytes(index, bytes);
                handler.onMessage(channel.from, channel.stream, pollBuffer, index, bytes.length);
                pollBuffer.setMemory(index, bytes.length, (byte) 0xA5); // valid only during the call
                count++;
            }
        }
        return count;
    }

    @Override
    public int doWork(final long nowNs) {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
    }
}
