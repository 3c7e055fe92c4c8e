package io.millrace.engine.writer;

import io.millrace.engine.ErrorCodes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Kafka's rules for offsets and sequences, as plainly as they can be written down. Used by one thread. */
final class SequenceModel {
    private record Key(int partitionId, long producerId) {
    }

    private record Kept(int first, int last, long offset) {
    }

    private static final class Producer {
        private short epoch;
        private final Deque<Kept> kept = new ArrayDeque<>();
    }

    /** What should be answered. */
    record Expected(short errorCode, long baseOffset) {
    }

    private final Map<Integer, Long> nextOffsets = new HashMap<>();
    private final Map<Key, Producer> producers = new HashMap<>();

    Expected offer(
        final int partitionId, final int count, final long producerId, final short epoch, final int sequence) {
        final long offset = nextOffsets.getOrDefault(partitionId, 0L);
        if (producerId >= 0) {
            final int last = (int) ((sequence + (long) count - 1) % (1L << 31));
            final Key key = new Key(partitionId, producerId);
            final Producer producer = producers.get(key);
            if (producer != null) {
                if (epoch < producer.epoch) {
                    return new Expected(ErrorCodes.INVALID_PRODUCER_EPOCH, -1);
                }
                if (epoch > producer.epoch) {
                    if (sequence != 0) {
                        return new Expected(ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
                    }
                    producer.kept.clear();
                } else {
                    for (final Kept kept : producer.kept) {
                        if (kept.first == sequence && kept.last == last) {
                            return new Expected(ErrorCodes.NONE, kept.offset);
                        }
                    }
                    if (sequence != (producer.kept.getLast().last + 1L) % (1L << 31)) {
                        return new Expected(ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER, -1);
                    }
                }
            }
            final Producer known = producers.computeIfAbsent(key, ignored -> new Producer());
            known.epoch = epoch;
            known.kept.addLast(new Kept(sequence, last, offset));
            if (known.kept.size() > 5) {
                known.kept.removeFirst();
            }
        }
        nextOffsets.put(partitionId, offset + count);
        return new Expected(ErrorCodes.NONE, offset);
    }

    int nextSequence(final int partitionId, final long producerId) {
        final Producer producer = producers.get(new Key(partitionId, producerId));
        return producer == null ? 0 : (int) ((producer.kept.getLast().last + 1L) % (1L << 31));
    }

    short epoch(final int partitionId, final long producerId) {
        final Producer producer = producers.get(new Key(partitionId, producerId));
        return producer == null ? 0 : producer.epoch;
    }
}
