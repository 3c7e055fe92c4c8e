package io.millrace.engine.ingress;

import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.IntFunction;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.jctools.queues.MpscArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/** A way to bring messages from producing threads into one stretch of memory of a consuming thread. */
interface Handover {
    /** Memory that each of them has for messages on their way. */
    int CAPACITY = 16 * 1024 * 1024;

    /** {@return whether there was room; the producer's thread} */
    boolean offer(int producer, DirectBuffer message, int length);

    /** {@return how many messages now lie in a row; the consuming thread} */
    int drain();

    static Handover of(final String name, final int length, final int producerCount) {
        return switch (name) {
            case "many-to-one" -> new InRing(new ManyToOneRingBuffer(InRing.memory()));
            case "one-to-one" -> new InRing(new OneToOneRingBuffer(InRing.memory()));
            case "jctools-mpsc" -> new InQueue(length, producerCount, MpscArrayQueue::new, SpscArrayQueue::new);
            case "jctools-spsc" -> new InQueue(length, producerCount, SpscArrayQueue::new, SpscArrayQueue::new);
            case "array-blocking" ->
                new InQueue(length, producerCount, ArrayBlockingQueue::new, ArrayBlockingQueue::new);
            default -> throw new IllegalArgumentException("no such way: ring=" + name);
        };
    }

    /** Claim, copy, commit; what is read lies in a row already. */
    final class InRing implements Handover {
        private static final int TYPE = 1;

        private final RingBuffer ring;
        private final MessageHandler onMessage = this::onMessage;
        private long sum;

        InRing(final RingBuffer ring) {
            this.ring = ring;
        }

        static UnsafeBuffer memory() {
            return new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                CAPACITY + RingBufferDescriptor.TRAILER_LENGTH, BitUtil.CACHE_LINE_LENGTH));
        }

        @Override
        public boolean offer(final int producer, final DirectBuffer message, final int length) {
            final int index = ring.tryClaim(TYPE, length);
            if (index < 0) {
                return false;
            }
            ring.buffer().putBytes(index, message, 0, length);
            ring.commit(index);
            return true;
        }

        @Override
        public int drain() {
            return ring.read(onMessage);
        }

        private void onMessage(
            final int type, final MutableDirectBuffer buffer, final int index, final int length) {
            sum += buffer.getLong(index);
        }
    }

    /** Copy into a buffer from a pool, pass the buffer on; the consumer copies it into a row and gives it back. */
    final class InQueue implements Handover {
        private static final int BLOCK_LENGTH = 256 * 1024;

        private final Queue<Parcel> queue;
        private final Queue<Parcel>[] pools;
        private final UnsafeBuffer block;
        private final int length;
        private int blockIndex;

        @SuppressWarnings({"unchecked", "rawtypes"}) // an array of generic queues
        InQueue(final int length, final int producerCount, final IntFunction<Queue<Parcel>> newQueue,
            final IntFunction<Queue<Parcel>> newPool) {
            final int stride = BitUtil.align(length, BitUtil.CACHE_LINE_LENGTH);
            final int count = Integer.highestOneBit(CAPACITY / (stride + RecordDescriptor.HEADER_LENGTH));
            final ByteBuffer memory =
                BufferUtil.allocateDirectAligned(count * stride, BitUtil.CACHE_LINE_LENGTH);
            this.length = length;
            block = new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                Math.max(BLOCK_LENGTH, length), BitUtil.CACHE_LINE_LENGTH));
            queue = newQueue.apply(count);
            pools = new Queue[producerCount];
            final int share = count / producerCount;
            for (int producer = 0; producer < producerCount; producer++) {
                pools[producer] = newPool.apply(count);
                for (int i = 0; i < share; i++) {
                    pools[producer].add(new Parcel(
                        producer, new UnsafeBuffer(memory, (producer * share + i) * stride, length)));
                }
            }
        }

        @Override
        public boolean offer(final int producer, final DirectBuffer message, final int messageLength) {
            final Parcel parcel = pools[producer].poll();
            if (parcel == null) {
                return false;
            }
            parcel.buffer.putBytes(0, message, 0, messageLength);
            return queue.offer(parcel); // always: the queue has room for every parcel there is
        }

        @Override
        public int drain() {
            int count = 0;
            for (Parcel parcel = queue.poll(); parcel != null; parcel = queue.poll()) {
                if (blockIndex + length > block.capacity()) {
                    blockIndex = 0;
                }
                block.putBytes(blockIndex, parcel.buffer, 0, length);
                blockIndex += length;
                pools[parcel.producer].offer(parcel);
                count++;
            }
            return count;
        }
    }

    /** A buffer that goes to the consumer and comes back. */
    record Parcel(int producer, UnsafeBuffer buffer) {
    }
}
