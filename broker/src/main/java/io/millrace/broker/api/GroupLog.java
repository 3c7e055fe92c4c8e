package io.millrace.broker.api;

import io.millrace.broker.group.GroupErrors;
import io.millrace.broker.group.GroupRecord;
import io.millrace.broker.group.RecordSink;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.EpochClock;

/**
 * The way of one coordinator's records into its partition, and the answers that wait for them. Owned by the network
 * thread.
 *
 * <p>Records are gathered into batches; what is asked in one duty cycle shares one. Batches are committed in the order
 * in which they were written. An answer waits until every record that came before it is committed. When one of them
 * cannot be, all that wait are refused, and nothing is taken any more.
 */
final class GroupLog implements RecordSink {
    /** A batch is closed when it has so many bytes. */
    private static final int BATCH_LENGTH = 64 * 1024;
    /** Room for batches that the ring has no room for. */
    private static final int MAX_WAITING_LENGTH = 16 << 20;

    /** What is to happen once the records before it are committed. */
    interface Held {
        /** They are. */
        void onCommitted();

        /** They will not be, as far as anybody knows. */
        void onLost(short error);
    }

    /** Gives each batch its number for the engine thread. */
    interface Numbers {
        /** {@return the reply id for the next batch, 0 when too many are under way} */
        long next();

        /** A batch went with that id; its outcome belongs to this log. */
        void onSent(GroupLog log);
    }

    private record Waiting(long batchNumber, Held held) {
    }

    private final ShardIngress ingress;
    private final int partitionId;
    private final Numbers numbers;
    private final Runnable engineWakeUp;
    private final EpochClock epochClock;
    private final ArrayDeque<byte[]> batches = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private List<GroupRecord> open = new ArrayList<>();
    private int openLength;
    private int waitingLength;
    private long closedCount;
    private long committedCount;
    private long sentLength;
    private int inFlightCount;
    private boolean isLost;
    private long markedBatch = -1;
    private long markedOffset = -1;

    GroupLog(final ShardIngress ingress, final int partitionId, final Numbers numbers, final Runnable engineWakeUp,
        final EpochClock epochClock) {
        this.ingress = ingress;
        this.partitionId = partitionId;
        this.numbers = numbers;
        this.engineWakeUp = engineWakeUp;
        this.epochClock = epochClock;
    }

    @Override
    public void append(final GroupRecord record) {
        if (isLost) {
            return;
        }
        final int length = GroupBatch.maxLength(record);
        if (openLength + length > BATCH_LENGTH) {
            close();
        }
        open.add(record);
        openLength += length;
    }

    /** A batch is kept whole or not at all, so they go into one, however long it is. */
    @Override
    public void appendAll(final List<GroupRecord> records) {
        final int length = records.stream().mapToInt(GroupBatch::maxLength).sum();
        if (openLength + length > BATCH_LENGTH) {
            close();
        }
        if (!isLost) {
            open.addAll(records);
            openLength += length;
        }
    }

    /** Closes the batch that is being gathered. */
    void close() {
        if (!open.isEmpty()) {
            final byte[] batch = GroupBatch.encode(open, epochClock.time());
            batches.add(batch);
            waitingLength += batch.length;
            closedCount++;
            open = new ArrayList<>();
            openLength = 0;
        }
    }

    /** Begins a new batch and remembers its first offset, once that is known. */
    void mark() {
        close();
        markedBatch = closedCount + 1;
        markedOffset = -1;
    }

    /** {@return first offset of the batch that was begun with the mark, -1 while it is not committed} */
    long markedOffset() {
        return markedOffset;
    }

    /** Runs it when every record so far is committed: at once where they are. */
    void whenCommitted(final Held held) {
        if (isLost) {
            held.onLost(GroupErrors.NOT_COORDINATOR);
            return;
        }
        final long needed = open.isEmpty() ? closedCount : closedCount + 1;
        if (needed <= committedCount) {
            held.onCommitted();
        } else {
            waiting.add(new Waiting(needed, held));
        }
    }

    /** {@return whether no more should be asked for now} */
    boolean isFull() {
        return waitingLength > MAX_WAITING_LENGTH;
    }

    /** {@return batches whose outcome is not known} */
    int inFlightCount() {
        return inFlightCount;
    }

    /** {@return bytes sent so far} */
    long sentLength() {
        return sentLength;
    }

    boolean isLost() {
        return isLost;
    }

    /** Sends what there is room for. {@return work count} */
    int send() {
        if (isLost) {
            return 0;
        }
        close();
        int work = 0;
        while (!batches.isEmpty() && !isLost) {
            final byte[] batch = batches.peek();
            if (batch.length > ingress.maxBatchLength()) {
                lose(ErrorCodes.MESSAGE_TOO_LARGE);
                break;
            }
            final long number = numbers.next();
            if (number == 0) {
                break;
            }
            final int index = ingress.tryClaim(partitionId, batch.length, number, -1);
            if (index == ShardIngress.NOT_LEADING) {
                lose(ErrorCodes.NOT_LEADER_OR_FOLLOWER);
                break;
            }
            if (index == ShardIngress.FULL) {
                break;
            }
            ingress.buffer().putBytes(index, batch);
            ingress.commit(index);
            numbers.onSent(this);
            batches.poll();
            waitingLength -= batch.length;
            sentLength += batch.length;
            inFlightCount++;
            work++;
        }
        if (work > 0) {
            engineWakeUp.run();
        }
        return work;
    }

    /** The engine has an answer to the oldest batch. */
    void onOutcome(final short error, final long baseOffset) {
        inFlightCount--;
        if (isLost) {
            return;
        }
        if (error != ErrorCodes.NONE) {
            lose(error);
            return;
        }
        committedCount++;
        if (committedCount == markedBatch) {
            markedOffset = baseOffset;
        }
        while (!waiting.isEmpty() && waiting.peek().batchNumber <= committedCount) {
            waiting.poll().held.onCommitted();
        }
    }

    /** Not all that had to happen did; from now on nothing is taken, and the coordinator is loaded anew. */
    void distrust() {
        lose(ErrorCodes.KAFKA_STORAGE_ERROR);
    }

    /** Refuses whoever waits; from now on nothing is taken. */
    void lose(final short error) {
        if (!isLost) {
            isLost = true;
            batches.clear();
            open.clear();
            final short answer = error == ErrorCodes.NOT_ENOUGH_REPLICAS
                || error == ErrorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND || error == ErrorCodes.KAFKA_STORAGE_ERROR
                ? GroupErrors.COORDINATOR_NOT_AVAILABLE
                : GroupErrors.NOT_COORDINATOR;
            while (!waiting.isEmpty()) {
                waiting.poll().held.onLost(answer);
            }
        }
    }
}
