package io.millrace.engine.writer;

import static io.millrace.engine.format.FrameDescriptor.HEADER_LENGTH;

import io.millrace.engine.Admission;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.LogMarks;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.ShardLog;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import io.millrace.engine.ingress.RingIngress;
import io.millrace.engine.log.BlockLog;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Set;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.ControlledMessageHandler.Action;
import org.agrona.concurrent.ringbuffer.ManyToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Writes what is committed to a shard's ring into its log, block by block, from the ring's own memory. Owned by the
 * engine thread.
 *
 * <p>{@code controlledRead} zeroes and releases every record that was CONTINUEd, whatever happens next. So a record is
 * CONTINUEd only when the following one is there to end or prolong the block, the block is written before its last
 * record is COMMITted, nothing is ABORTed, and the handler never throws: what goes wrong inside is answered to those
 * who asked and thrown when the ring has been released.
 */
public final class ShardWriter {
    /** Default limit of a block: larger ones are slower on common file systems. */
    public static final int DEFAULT_BLOCK_LENGTH_LIMIT = 256 * 1024;
    /** Default limit of batches that wait for a mark; when it is reached nothing is drained until some are answered. */
    public static final int DEFAULT_PENDING_CAPACITY = 64 * 1024;

    private static final int NO_EPOCH = -1;

    private final RingIngress ingress;
    private final BlockLog log;
    private final ShardState state;
    private final Answers answers;
    private final Checksums checksums = new Checksums();
    private final ControlFrames controlFrames = new ControlFrames(checksums);
    private final int blockLengthLimit;
    private final Block block;
    private final ControlledMessageHandler onRecord = this::onRecord;
    private final ControlledMessageHandler onStray = this::onStray;

    private boolean leading;
    private boolean isRefusing;
    private boolean acksAllAdmitted = true;
    private int epoch = NO_EPOCH;
    private int unfinishedEpoch = NO_EPOCH;
    private int waitingRoom;
    private long openReplyId = Answers.NOBODY;
    private ManyToOneRingBuffer wrappedRing;
    private ByteBuffer ringMemory;
    private RuntimeException firstFailure;

    /**
     * A writer that does not lead yet.
     *
     * @param ingress  the shard's ring
     * @param log      takes the blocks
     * @param state    of that log as it is now
     * @param marks    of the same log
     * @param outcomes hears of every batch with a reply id other than 0, once
     * @param profile  what acks=leader waits for
     */
    public ShardWriter(
        final RingIngress ingress,
        final BlockLog log,
        final ShardState state,
        final LogMarks marks,
        final ProduceOutcomes outcomes,
        final DurabilityProfile profile) {
        this(ingress, log, state, new Answers(outcomes, profile, marks, state, DEFAULT_PENDING_CAPACITY),
            DEFAULT_BLOCK_LENGTH_LIMIT);
    }

    ShardWriter(
        final RingIngress ingress,
        final BlockLog log,
        final ShardState state,
        final Answers answers,
        final int blockLengthLimit) {
        this.ingress = ingress;
        this.log = log;
        this.state = state;
        this.answers = answers;
        this.blockLengthLimit = blockLengthLimit;
        block = new Block(blockLengthLimit);
    }

    /**
     * Appends the epoch start frame (behind a state frame when a segment has to be begun) and opens the ring.
     *
     * @param newEpoch larger than the last one in the log; after {@link ShardLog#STORAGE_ERROR} the same may be tried
     *                 again
     * @return end position of the epoch start frame, {@link ShardLog#STORAGE_ERROR}, or {@link ShardLog#NO_RING} with
     *     nothing written
     */
    public long startLeading(final int newEpoch) {
        final int lastEpoch = state.lastEpoch();
        if (leading || newEpoch < lastEpoch || newEpoch == lastEpoch && newEpoch != unfinishedEpoch) {
            throw new IllegalStateException("cannot begin to lead: epoch=" + newEpoch + " lastEpoch="
                + lastEpoch + " leading=" + leading);
        }
        if (!ingress.prepare()) {
            return ShardLog.NO_RING;
        }
        epoch = newEpoch;
        if (log.isOffline() || log.room() < HEADER_LENGTH && !roll()) {
            return ShardLog.STORAGE_ERROR;
        }
        final long position = log.endPosition();
        final ByteBuffer frame = controlFrames.epochStart(log, newEpoch);
        try {
            log.writeBlock(frame, controlFrames.headerCrc());
        } catch (final IOException ex) {
            log.discardStaged();
            return ShardLog.STORAGE_ERROR;
        }
        noteEpoch(position);
        unfinishedEpoch = NO_EPOCH;
        isRefusing = false;
        ingress.open();
        if (ingress.ring() != wrappedRing) {
            wrappedRing = ingress.ring();
            ringMemory = wrappedRing.buffer().byteBuffer().duplicate();
        }
        leading = true;
        return log.endPosition();
    }

    /**
     * Tells log starts in the log, in as many frames as it takes. Whoever leads only.
     *
     * @param untold ids of the partitions; each is removed once it is told
     * @return false when the disk took not all
     */
    public boolean writeLogStarts(final Set<Integer> untold) {
        if (!leading) {
            throw new IllegalStateException("who does not lead says nothing about log starts");
        }
        final int mostCount = Math.min(LogStartDescriptor.MAX_ENTRY_COUNT,
            (log.maxFrameLength() - HEADER_LENGTH) / LogStartDescriptor.ENTRY_LENGTH);
        final int[] ids = new int[mostCount];
        while (!untold.isEmpty()) {
            int count = 0;
            for (final Iterator<Integer> next = untold.iterator(); next.hasNext() && count < mostCount; count++) {
                ids[count] = next.next();
            }
            if (!writeLogStarts(ids, count)) {
                return false;
            }
            for (int i = 0; i < count; i++) {
                untold.remove(ids[i]);
            }
        }
        return true;
    }

    private boolean writeLogStarts(final int[] ids, final int count) {
        final int length = HEADER_LENGTH + count * LogStartDescriptor.ENTRY_LENGTH;
        if (log.isOffline() || log.room() < length && !(roll() && log.room() >= length)) {
            return false;
        }
        try {
            log.writeBlock(controlFrames.logStarts(log, epoch, state, ids, count), controlFrames.headerCrc());
            return true;
        } catch (final IOException ex) {
            log.discardStaged();
            return false;
        }
    }

    /**
     * Sets what happens to batches while this writer leads; without effect when it does not.
     *
     * @param admission from now on
     */
    public void admission(final Admission admission) {
        if (!leading) {
            return;
        }
        isRefusing = admission == Admission.REFUSED;
        switch (admission) {
            case OPEN -> ingress.open();
            case HELD -> ingress.hold();
            default -> {
                ingress.close();
                refuseAllStrays(ingress.ring());
            }
        }
        throwFailure();
    }

    /** Answers whoever waits NOT_LEADER_OR_FOLLOWER; their batches stay in the log. */
    public void refuseWaiting() {
        answers.refuseAllPending(ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        throwFailure();
    }

    /** Closes the ring; whoever waits and whatever is in the ring is answered NOT_LEADER_OR_FOLLOWER. */
    public void stopLeading() {
        ingress.close();
        leading = false;
        answers.refuseAllPending(ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        final ManyToOneRingBuffer ring = ingress.ring();
        if (ring != null) {
            refuseAllStrays(ring);
            releaseRing();
        }
        throwFailure();
    }

    private void releaseRing() {
        if (ingress.release()) {
            wrappedRing = null;
            ringMemory = null;
        }
    }

    private void refuseAllStrays(final ManyToOneRingBuffer ring) {
        long position;
        do { // as far as it is committed; a claim still open is refused by a later drain
            position = ring.consumerPosition();
            refuseStrays(ring);
        } while (ring.consumerPosition() != position);
    }

    /**
     * The duty cycle: answers what was synced meanwhile and writes at most two blocks (the second when a record has to
     * begin a new one).
     *
     * @return work count
     */
    public int drain() {
        final ManyToOneRingBuffer ring = ingress.ring();
        if (ring == null) {
            return 0;
        }
        if (!leading || isRefusing) {
            final int refusedCount = refuseStrays(ring);
            if (!leading) {
                releaseRing(); // what held an index when the leadership went has let go by now, or will
            }
            throwFailure();
            return refusedCount;
        }
        int workCount = answers.onSynced();
        waitingRoom = answers.room();
        if (waitingRoom > 0) {
            workCount += ring.controlledRead(onRecord);
        }
        throwFailure();
        return workCount;
    }

    /**
     * Answers acks=all up to a position. The committed mark is published before, so that a client which sees the answer
     * also finds its records.
     *
     * @param position the committed mark
     * @return how many were answered
     */
    public int onCommitted(final long position) {
        final int count = answers.onCommitted(position);
        throwFailure();
        return count;
    }

    /**
     * Sets whether new batches with acks=all are taken (true at first); those that wait already go on waiting.
     *
     * @param admitted false to refuse them with NOT_ENOUGH_REPLICAS
     */
    public void admitAcksAll(final boolean admitted) {
        acksAllAdmitted = admitted;
    }

    /** {@return whether it leads} */
    public boolean isLeading() {
        return leading;
    }

    private Action onRecord(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final int frame = index - RecordDescriptor.HEADER_LENGTH;
        openReplyId = FrameDescriptor.position(buffer, frame);
        try {
            return drainFrame((AtomicBuffer) buffer, frame, length + RecordDescriptor.HEADER_LENGTH);
        } catch (final RuntimeException ex) {
            // a defect: nothing of the block may stay half done, and everybody hears of it
            keepFailure(ex);
            failBlock();
            answers.refuse(openReplyId, ErrorCodes.KAFKA_STORAGE_ERROR);
            return Action.BREAK;
        }
    }

    private Action drainFrame(final AtomicBuffer buffer, final int frame, final int length) {
        waitingRoom--;
        final int alignedLength = FrameDescriptor.alignedLength(length);
        boolean flushed = false;
        short error = admit(buffer, frame, length);
        if (!block.isEmpty() && (error != ErrorCodes.NONE || log.room() - block.length < alignedLength)) {
            flush();
            flushed = true;
            error = admit(buffer, frame, length); // again: a block that failed took its offsets and sequences with it
        }
        if (error == ErrorCodes.NONE && block.isEmpty() && log.room() < alignedLength
            && !(roll() && log.room() >= alignedLength)) {
            flushed = true; // one attempt per duty cycle is enough on a full disk
            error = ErrorCodes.KAFKA_STORAGE_ERROR;
        }
        if (error != ErrorCodes.NONE) {
            refuse(buffer, frame, error);
            return flushed || waitingRoom == 0 ? Action.BREAK : Action.COMMIT;
        }
        append(buffer, frame, length, alignedLength);
        if (block.length < blockLengthLimit && waitingRoom > 0 && isBatchCommitted(buffer, frame + alignedLength)) {
            return Action.CONTINUE;
        }
        flush();
        return Action.BREAK;
    }

    private short admit(final AtomicBuffer buffer, final int frame, final int length) {
        final int acks = FrameDescriptor.leaderEpoch(buffer, frame);
        final int batch = frame + HEADER_LENGTH;
        final short error;
        if (acks < Answers.ACKS_ALL || acks > Answers.ACKS_LEADER) {
            error = ErrorCodes.INVALID_REQUIRED_ACKS;
        } else if (length < FrameDescriptor.MIN_BATCH_FRAME_LENGTH
            || BatchDescriptor.totalLength(buffer, batch) != length - HEADER_LENGTH
            || BatchDescriptor.magic(buffer, batch) != BatchDescriptor.MAGIC_V2) {
            error = ErrorCodes.CORRUPT_MESSAGE;
        } else if (FrameDescriptor.alignedLength(length) > log.maxFrameLength()) {
            error = ErrorCodes.MESSAGE_TOO_LARGE;
        } else if (log.isOffline()) {
            error = ErrorCodes.KAFKA_STORAGE_ERROR;
        } else if (acks == Answers.ACKS_ALL && !acksAllAdmitted) {
            error = ErrorCodes.NOT_ENOUGH_REPLICAS;
        } else {
            error = state.admit(
                FrameDescriptor.partitionId(buffer, frame),
                BatchDescriptor.lastOffsetDelta(buffer, batch) + 1,
                BatchDescriptor.producerId(buffer, batch),
                BatchDescriptor.producerEpoch(buffer, batch),
                BatchDescriptor.baseSequence(buffer, batch));
        }
        return error;
    }

    /** Makes a log frame of a ring record, in place, and counts it as part of the block. */
    private void append(final AtomicBuffer buffer, final int frame, final int length, final int alignedLength) {
        if (block.isEmpty()) {
            state.savepoint();
            block.start(frame, log.lastFrameCrc());
        }
        final int batch = frame + HEADER_LENGTH;
        final int partitionId = FrameDescriptor.partitionId(buffer, frame);
        final byte acks = (byte) FrameDescriptor.leaderEpoch(buffer, frame);
        final long baseOffset = state.nextOffset(partitionId);
        final long position = log.endPosition() + block.length;
        BatchDescriptor.putBaseOffset(buffer, batch, baseOffset);
        BatchDescriptor.putPartitionLeaderEpoch(buffer, batch, epoch);
        FrameDescriptor.putPosition(buffer, frame, position);
        FrameDescriptor.putLeaderEpoch(buffer, frame, epoch);
        FrameDescriptor.putPreviousCrc(buffer, frame, block.lastFrameCrc);
        final int headerCrc = checksums.newBatchFrameCrc(buffer, frame);
        FrameDescriptor.putHeaderCrc(buffer, frame, headerCrc);
        state.onBatch(partitionId, buffer, batch, position + alignedLength);
        log.stageBatch(partitionId, baseOffset, BatchDescriptor.nextOffset(buffer, batch), position,
            length - HEADER_LENGTH, BatchDescriptor.maxTimestampMs(buffer, batch));
        block.add(openReplyId, acks, baseOffset, position + alignedLength, partitionId);
        block.length += alignedLength;
        block.lastFrameCrc = headerCrc;
        openReplyId = Answers.NOBODY;
    }

    /** Whether the ring goes on with a record that can join the block: there, committed and no padding. */
    private static boolean isBatchCommitted(final AtomicBuffer buffer, final int record) {
        return record < buffer.capacity() - RingBufferDescriptor.TRAILER_LENGTH
            && buffer.getIntVolatile(RecordDescriptor.lengthOffset(record)) > 0 // pairs with the release in commit
            && buffer.getInt(RecordDescriptor.typeOffset(record)) == FrameDescriptor.TYPE_BATCH;
    }

    private void flush() {
        ringMemory.clear().limit(block.index + block.length).position(block.index);
        try {
            log.writeBlock(ringMemory, block.lastFrameCrc);
        } catch (final IOException ex) {
            failBlock();
            return;
        }
        state.keep();
        final int count = block.count;
        block.clear();
        for (int i = 0; i < count; i++) {
            answers.accept(block.acks[i], block.replyIds[i], block.baseOffsets[i], block.endPositions[i],
                block.partitionIds[i]);
        }
    }

    private void failBlock() {
        state.rollback();
        log.discardStaged();
        final int count = block.count;
        block.clear();
        for (int i = 0; i < count; i++) {
            answers.refuse(block.replyIds[i], ErrorCodes.KAFKA_STORAGE_ERROR);
        }
    }

    private void refuse(final AtomicBuffer buffer, final int frame, final short error) {
        final long replyId = openReplyId;
        openReplyId = Answers.NOBODY;
        if (error == ErrorCodes.DUPLICATE_SEQUENCE_NUMBER) {
            answers.accept((byte) FrameDescriptor.leaderEpoch(buffer, frame), replyId, state.duplicateBaseOffset(),
                state.duplicateEndPosition(), FrameDescriptor.partitionId(buffer, frame));
        } else {
            answers.refuse(replyId, error);
        }
    }

    private boolean roll() {
        final long position = log.endPosition();
        try {
            log.roll(controlFrames.state(log, epoch, state));
        } catch (final IOException ex) {
            return false;
        }
        noteEpoch(position);
        return true;
    }

    /** An epoch starts where its first frame does, which is a state frame when a segment had to be begun for it. */
    private void noteEpoch(final long position) {
        if (epoch > state.lastEpoch()) {
            state.onEpoch(epoch, position);
            unfinishedEpoch = epoch;
        }
    }

    private int refuseStrays(final ManyToOneRingBuffer ring) {
        return ring.controlledRead(onStray);
    }

    private Action onStray(final int type, final MutableDirectBuffer buffer, final int index, final int length) {
        final int frame = index - RecordDescriptor.HEADER_LENGTH;
        answers.refuse(FrameDescriptor.position(buffer, frame), ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        return Action.COMMIT;
    }

    private void keepFailure(final RuntimeException failure) {
        if (firstFailure == null) {
            firstFailure = failure;
        }
    }

    private void throwFailure() {
        final RuntimeException failure = firstFailure;
        if (failure != null) {
            firstFailure = null;
            throw failure;
        }
        answers.throwFailure();
    }
}
