package io.millrace.engine.state;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.log.EpochSnapshot;
import io.millrace.engine.log.LogState;
import java.util.function.IntConsumer;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

/**
 * What the frames of a shard's log add up to: offsets per partition, recent batches per producer, leader epochs. Owned
 * by the engine thread.
 *
 * <p>The leader, a follower and recovery feed it the same frames in the same order and reach the same state. A state
 * frame carries it at the start of each segment:
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |                           Version                             |
 *  +---------------------------------------------------------------+
 *  |                        Epoch Count                            |
 *  +---------------------------------------------------------------+
 *  |                      Partition Count                          |
 *  +---------------------------------------------------------------+
 *  |                      Producer Count                           |
 *  +---------------------------------------------------------------+
 *  |   Epochs, oldest first: int epoch, long start position       ...
 *  +---------------------------------------------------------------+
 *  |   Partitions in the order first seen: int id, int flags      ...
 *  |   (1 deleted), long log start offset, long next offset       ...
 *  +---------------------------------------------------------------+
 *  |   Producers, longest unused first: int partition id, short   ...
 *  |   epoch, short batch count, long producer id, then per batch ...
 *  |   int first, int last sequence, long base offset, long end   ...
 *  |   position of its frame                                      ...
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>All little endian. It is bounded so that a state frame never exceeds {@link #MAX_ENCODED_LENGTH}: the producer
 * unused for longest in the log is forgotten when there are more than {@link #MAX_PRODUCER_COUNT} (its next batch is
 * then accepted with any sequence, as Kafka does after producer expiry), the oldest epoch when there are more than
 * {@link #MAX_EPOCH_COUNT}; a partition beyond {@link #MAX_PARTITION_COUNT} is refused.
 */
public final class ShardState implements LogState {
    /** Version of the encoded form. */
    public static final int VERSION = 1;
    /** Most partitions in one shard, deleted ones that still have frames included. */
    public static final int MAX_PARTITION_COUNT = 16 * 1024;
    /** Most (partition, producer id) pairs that are remembered. */
    public static final int MAX_PRODUCER_COUNT = 10 * 1024;
    /** Most leader epochs that are remembered. */
    public static final int MAX_EPOCH_COUNT = EpochHistory.MAX_COUNT;

    private static final int VERSION_FIELD_OFFSET = 0;
    private static final int EPOCH_COUNT_FIELD_OFFSET = VERSION_FIELD_OFFSET + Integer.BYTES;
    private static final int PARTITION_COUNT_FIELD_OFFSET = EPOCH_COUNT_FIELD_OFFSET + Integer.BYTES;
    private static final int PRODUCER_COUNT_FIELD_OFFSET = PARTITION_COUNT_FIELD_OFFSET + Integer.BYTES;
    private static final int HEADER_LENGTH = PRODUCER_COUNT_FIELD_OFFSET + Integer.BYTES;

    /** Longest encoded form, bytes. */
    public static final int MAX_ENCODED_LENGTH = HEADER_LENGTH
        + MAX_EPOCH_COUNT * EpochHistory.ENTRY_LENGTH
        + MAX_PARTITION_COUNT * PartitionTable.ENTRY_LENGTH
        + MAX_PRODUCER_COUNT * ProducerTable.MAX_ENTRY_LENGTH;

    private static final int UNDO_REGISTER = 11;
    private static final int UNDO_OFFSET = 12;
    private static final int UNDO_EPOCH = 13;
    private static final int UNDO_OLDEST_EPOCH = 14;

    private final UndoStack undo = new UndoStack();
    private final EpochHistory epochs = new EpochHistory();
    private final PartitionTable partitions;
    private final ProducerTable producers;
    private long duplicateBaseOffset = -1;
    private long duplicateEndPosition = -1;

    /** An empty state, as of a log without frames. */
    public ShardState() {
        this(MAX_PARTITION_COUNT, MAX_PRODUCER_COUNT);
    }

    ShardState(final int maxPartitionCount, final int maxProducerCount) {
        partitions = new PartitionTable(maxPartitionCount);
        producers = new ProducerTable(maxProducerCount, undo);
    }

    /**
     * Asks whether the leader may append a batch now; changes nothing.
     *
     * @param partitionId   id within the shard
     * @param recordCount   offsets the batch takes
     * @param producerId    -1 for none
     * @param producerEpoch the batch's
     * @param baseSequence  the batch's
     * @return {@link ErrorCodes#NONE}, or {@link ErrorCodes#DUPLICATE_SEQUENCE_NUMBER} (then
     *     {@link #duplicateBaseOffset()} and {@link #duplicateEndPosition()} tell where the original is), or why it is
     *     refused
     */
    public short admit(
        final int partitionId,
        final int recordCount,
        final long producerId,
        final short producerEpoch,
        final int baseSequence) {
        final int partition = partitionId < 0 ? PartitionTable.NONE : partitions.slotOf(partitionId);
        final boolean unknown = partition == PartitionTable.NONE;
        if (unknown ? partitionId < 0 || partitions.isFull() : partitions.isDeleted(partition)) {
            return ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (recordCount <= 0 || producerId >= 0 && (baseSequence < 0 || producerEpoch < 0)) {
            return ErrorCodes.INVALID_RECORD;
        }
        if (producerId < 0) {
            return ErrorCodes.NONE;
        }
        final int producer = producers.find(partitionId, producerId);
        return producer == ProducerTable.NONE
            ? ErrorCodes.NONE : admitSequence(producer, producerEpoch, baseSequence, recordCount);
    }

    private short admitSequence(
        final int producer, final short producerEpoch, final int baseSequence, final int recordCount) {
        final short epoch = producers.epoch(producer);
        if (producerEpoch < epoch) {
            return ErrorCodes.INVALID_PRODUCER_EPOCH;
        }
        if (producerEpoch > epoch) {
            return baseSequence == 0 ? ErrorCodes.NONE : ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        final int batch = producers.findBatch(producer, baseSequence, plus(baseSequence, recordCount - 1));
        if (batch >= 0) {
            duplicateBaseOffset = producers.baseOffset(producer, batch);
            duplicateEndPosition = producers.endPosition(producer, batch);
            return ErrorCodes.DUPLICATE_SEQUENCE_NUMBER;
        }
        final int nextSequence = plus(producers.lastSequence(producer), 1);
        return baseSequence == nextSequence ? ErrorCodes.NONE : ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER;
    }

    /** {@return base offset of the original of the last duplicate that {@link #admit} saw} */
    public long duplicateBaseOffset() {
        return duplicateBaseOffset;
    }

    /** {@return end position of the original of the last duplicate that {@link #admit} saw} */
    public long duplicateEndPosition() {
        return duplicateEndPosition;
    }

    /**
     * Takes in a batch frame. A partition never seen before is registered; its offsets begin at 0.
     *
     * @param partitionId   id within the shard
     * @param baseOffset    offset of the first record
     * @param recordCount   offsets the batch takes
     * @param producerId    -1 for none
     * @param producerEpoch the batch's
     * @param baseSequence  the batch's
     * @param endPosition   aligned end of the frame
     * @return false, with nothing changed, when the base offset is not the partition's next one or the numbers are
     *     invalid
     */
    @SuppressWarnings("checkstyle:ParameterNumber") // a batch is that many numbers, and an object would be garbage
    public boolean applyBatch(
        final int partitionId,
        final long baseOffset,
        final int recordCount,
        final long producerId,
        final short producerEpoch,
        final int baseSequence,
        final long endPosition) {
        if (partitionId < 0 || recordCount <= 0 || baseOffset < 0) {
            return false;
        }
        int partition = partitions.slotOf(partitionId);
        if (partition == PartitionTable.NONE ? baseOffset != 0 || partitions.isFull()
            : partitions.nextOffset(partition) != baseOffset) {
            return false;
        }
        if (partition == PartitionTable.NONE) {
            partition = partitions.register(partitionId);
            push(UNDO_REGISTER);
        } else if (undo.isActive()) {
            undo.push(partition);
            undo.push(baseOffset);
            undo.push(UNDO_OFFSET);
        }
        partitions.nextOffset(partition, baseOffset + recordCount);
        if (producerId >= 0 && baseSequence >= 0) {
            producers.append(partitionId, producerId, producerEpoch, baseSequence,
                plus(baseSequence, recordCount - 1), baseOffset, endPosition);
        }
        return true;
    }

    @Override
    public void onBatch(
        final int partitionId, final DirectBuffer buffer, final int batchIndex, final long endPosition) {
        final long baseOffset = BatchDescriptor.baseOffset(buffer, batchIndex);
        final boolean applied = applyBatch(
            partitionId,
            baseOffset,
            BatchDescriptor.lastOffsetDelta(buffer, batchIndex) + 1,
            BatchDescriptor.producerId(buffer, batchIndex),
            BatchDescriptor.producerEpoch(buffer, batchIndex),
            BatchDescriptor.baseSequence(buffer, batchIndex),
            endPosition);
        if (!applied) {
            throw new IllegalStateException("batch does not continue its partition: partitionId=" + partitionId
                + " baseOffset=" + baseOffset + " expected=" + nextOffset(partitionId));
        }
    }

    @Override
    public void onEpoch(final int epoch, final long position) {
        if (epoch <= epochs.lastEpoch()) {
            throw new IllegalStateException(
                "epoch must be larger than the last one: epoch=" + epoch + " last=" + epochs.lastEpoch());
        }
        if (undo.isActive()) {
            if (epochs.isFull()) {
                undo.push(epochs.startPositionAt(0));
                undo.push(epochs.epochAt(0));
                undo.push(UNDO_OLDEST_EPOCH);
            } else {
                undo.push(UNDO_EPOCH);
            }
        }
        epochs.add(epoch, position);
    }

    /** Remembers the present state; a savepoint that was open is given up. */
    public void savepoint() {
        undo.start();
    }

    /** Closes the savepoint and keeps what came after it. */
    public void keep() {
        undo.stop();
    }

    /** Closes the savepoint and goes back to it. */
    public void rollback() {
        while (!undo.isEmpty()) {
            final int kind = undo.popInt();
            switch (kind) {
                case UNDO_REGISTER -> partitions.unregisterLast();
                case UNDO_OFFSET -> {
                    final long nextOffset = undo.pop();
                    partitions.nextOffset(undo.popInt(), nextOffset);
                }
                case UNDO_EPOCH -> epochs.removeLast();
                case UNDO_OLDEST_EPOCH -> {
                    epochs.removeLast();
                    final int epoch = undo.popInt();
                    epochs.addOldest(epoch, undo.pop());
                }
                default -> producers.undo(kind);
            }
        }
        undo.stop();
    }

    /** {@return number of partitions, deleted ones included} */
    public int partitionCount() {
        return partitions.count();
    }

    @Override
    public void forEachPartition(final PartitionConsumer consumer) {
        for (int i = 0; i < partitions.count(); i++) {
            if (!partitions.isDeleted(i)) {
                consumer.accept(partitions.idAt(i), partitions.logStartOffset(i), partitions.nextOffset(i));
            }
        }
    }

    @Override
    public void forEachDeletedPartition(final IntConsumer consumer) {
        for (int i = 0; i < partitions.count(); i++) {
            if (partitions.isDeleted(i)) {
                consumer.accept(partitions.idAt(i));
            }
        }
    }

    /**
     * {@return whether the partition was seen, deleted or not}
     *
     * @param partitionId id within the shard
     */
    public boolean isKnown(final int partitionId) {
        return partitions.slotOf(partitionId) != PartitionTable.NONE;
    }

    @Override
    public long nextOffset(final int partitionId) {
        final int partition = partitions.slotOf(partitionId);
        return partition == PartitionTable.NONE ? 0 : partitions.nextOffset(partition);
    }

    @Override
    public long logStartOffset(final int partitionId) {
        final int partition = partitions.slotOf(partitionId);
        return partition == PartitionTable.NONE ? 0 : partitions.logStartOffset(partition);
    }

    @Override
    public void logStartOffset(final int partitionId, final long offset) {
        checkNoSavepoint();
        final int partition = partitions.slotOf(partitionId);
        if (partition != PartitionTable.NONE && offset > partitions.logStartOffset(partition)) {
            partitions.logStartOffset(partition, Math.min(offset, partitions.nextOffset(partition)));
        }
    }

    /**
     * {@return whether the partition was deleted}
     *
     * @param partitionId id within the shard
     */
    @Override
    public boolean isDeleted(final int partitionId) {
        final int partition = partitions.slotOf(partitionId);
        return partition != PartitionTable.NONE && partitions.isDeleted(partition);
    }

    /**
     * Refuses further batches of a partition and forgets its producers. Its entry stays, so that frames still kept are
     * known to be dead, until {@link #forgetPartition}.
     *
     * @param partitionId id within the shard, seen before or not
     */
    @Override
    public void deletePartition(final int partitionId) {
        checkNoSavepoint();
        int partition = partitions.slotOf(partitionId);
        if (partition == PartitionTable.NONE) {
            if (partitionId < 0 || partitions.isFull()) {
                return;
            }
            partition = partitions.register(partitionId);
        }
        partitions.delete(partition);
        producers.removePartition(partitionId);
    }

    /**
     * Drops the entry of a deleted partition once no frame of it is kept.
     *
     * @param partitionId id within the shard; ignored unless it is deleted
     */
    @Override
    public void forgetPartition(final int partitionId) {
        checkNoSavepoint();
        if (isDeleted(partitionId)) {
            partitions.remove(partitions.slotOf(partitionId));
        }
    }

    @Override
    public String difference(final LogState before) {
        if (!(before instanceof ShardState other)) {
            throw new IllegalArgumentException("another kind of state: " + before.getClass());
        }
        final String difference = epochs.difference(other.epochs);
        return difference == null ? differenceOfPartitions(other) : difference;
    }

    private String differenceOfPartitions(final ShardState before) {
        for (int i = 0; i < partitions.count(); i++) {
            final int id = partitions.idAt(i);
            if (!partitions.isDeleted(i) && !before.isDeleted(id)
                && partitions.nextOffset(i) != before.nextOffset(id)) {
                return "partition " + id + " expected=" + before.nextOffset(id) + " found=" + partitions.nextOffset(i);
            }
        }
        return producers.difference(before.producers, id -> !isKnown(id) || isDeleted(id) || before.isDeleted(id));
    }

    @Override
    public boolean skipTo(final int partitionId, final long nextOffset) {
        checkNoSavepoint();
        int partition = partitions.slotOf(partitionId);
        if (partitionId < 0 || nextOffset < nextOffset(partitionId)
            || partition == PartitionTable.NONE && partitions.isFull()) {
            return false;
        }
        partition = partition == PartitionTable.NONE ? partitions.register(partitionId) : partition;
        partitions.nextOffset(partition, nextOffset);
        return true;
    }

    /** {@return number of (partition, producer id) pairs remembered} */
    public int producerCount() {
        return producers.count();
    }

    @Override
    public EpochSnapshot epochs() {
        return epochs.snapshot();
    }

    @Override
    public int lastEpoch() {
        return epochs.lastEpoch();
    }

    @Override
    public int epochCount() {
        return epochs.count();
    }

    @Override
    public int epochAt(final int index) {
        return epochs.epochAt(index);
    }

    @Override
    public long epochStartAt(final int index) {
        return epochs.startPositionAt(index);
    }

    @Override
    public void clear() {
        undo.stop();
        epochs.clear();
        partitions.clear();
        producers.clear();
    }

    /** {@return length of the encoded form now, at most {@link #MAX_ENCODED_LENGTH}} */
    public int encodedLength() {
        return HEADER_LENGTH + epochs.count() * EpochHistory.ENTRY_LENGTH
            + partitions.count() * PartitionTable.ENTRY_LENGTH + producers.encodedLength();
    }

    /**
     * Writes the encoded form.
     *
     * @param buffer with room for {@link #encodedLength()}
     * @param index  of its first byte
     * @return its length
     */
    public int encode(final MutableDirectBuffer buffer, final int index) {
        buffer.putInt(index + VERSION_FIELD_OFFSET, VERSION, LITTLE_ENDIAN);
        buffer.putInt(index + EPOCH_COUNT_FIELD_OFFSET, epochs.count(), LITTLE_ENDIAN);
        buffer.putInt(index + PARTITION_COUNT_FIELD_OFFSET, partitions.count(), LITTLE_ENDIAN);
        buffer.putInt(index + PRODUCER_COUNT_FIELD_OFFSET, producers.count(), LITTLE_ENDIAN);
        final int partitionsIndex = index + HEADER_LENGTH + epochs.count() * EpochHistory.ENTRY_LENGTH;
        epochs.encode(buffer, index + HEADER_LENGTH);
        partitions.encode(buffer, partitionsIndex);
        producers.encode(buffer, partitionsIndex + partitions.count() * PartitionTable.ENTRY_LENGTH);
        return encodedLength();
    }

    /**
     * Replaces the state by an encoded one. What was deleted here stays deleted, and a log start that is further on
     * here stays: both are decided by each broker and may run ahead of the leader's frame.
     *
     * @param buffer holds the encoded form
     * @param index  of its first byte
     * @param length of it, exactly
     * @return false, with nothing changed, when it is not valid
     */
    @Override
    public boolean load(final DirectBuffer buffer, final int index, final int length) {
        checkNoSavepoint();
        if (!isValid(buffer, index, length)) {
            return false;
        }
        final int epochCount = buffer.getInt(index + EPOCH_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        final int partitionCount = buffer.getInt(index + PARTITION_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        final int producerCount = buffer.getInt(index + PRODUCER_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        final int partitionsIndex = index + HEADER_LENGTH + epochCount * EpochHistory.ENTRY_LENGTH;
        epochs.decode(buffer, index + HEADER_LENGTH, epochCount);
        partitions.decode(buffer, partitionsIndex, partitionCount);
        producers.clear();
        int at = partitionsIndex + partitionCount * PartitionTable.ENTRY_LENGTH;
        for (int i = 0; i < producerCount; i++) {
            at = producers.decode(buffer, at);
        }
        return true;
    }

    private static boolean isValid(final DirectBuffer buffer, final int index, final int length) {
        if (length < HEADER_LENGTH || length > buffer.capacity() - index
            || buffer.getInt(index + VERSION_FIELD_OFFSET, LITTLE_ENDIAN) != VERSION) {
            return false;
        }
        final int limit = index + length;
        final int epochCount = buffer.getInt(index + EPOCH_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        final int partitionCount = buffer.getInt(index + PARTITION_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        final int producerCount = buffer.getInt(index + PRODUCER_COUNT_FIELD_OFFSET, LITTLE_ENDIAN);
        if (isOutside(epochCount, MAX_EPOCH_COUNT) || isOutside(partitionCount, MAX_PARTITION_COUNT)
            || isOutside(producerCount, MAX_PRODUCER_COUNT)
            || length < HEADER_LENGTH + epochCount * EpochHistory.ENTRY_LENGTH
                + partitionCount * PartitionTable.ENTRY_LENGTH
            || !EpochHistory.isValid(buffer, index + HEADER_LENGTH, epochCount)) {
            return false;
        }
        int at = index + HEADER_LENGTH + epochCount * EpochHistory.ENTRY_LENGTH;
        for (int i = 0; i < partitionCount; i++) {
            if (!PartitionTable.isValid(buffer, at)) {
                return false;
            }
            at += PartitionTable.ENTRY_LENGTH;
        }
        for (int i = 0; i < producerCount; i++) {
            final int entryLength = ProducerTable.validLength(buffer, at, limit);
            if (entryLength < 0) {
                return false;
            }
            at += entryLength;
        }
        return at == limit;
    }

    private static boolean isOutside(final int count, final int maxCount) {
        return count < 0 || count > maxCount;
    }

    private void push(final int kind) {
        if (undo.isActive()) {
            undo.push(kind);
        }
    }

    private void checkNoSavepoint() {
        if (undo.isActive()) {
            throw new IllegalStateException("not while a savepoint is open");
        }
    }

    /** Kafka's sequence numbers go from 2^31-1 to 0. */
    private static int plus(final int sequence, final int count) {
        return sequence + count & Integer.MAX_VALUE;
    }
}
