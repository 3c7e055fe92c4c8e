package io.millrace.broker.api;

import io.millrace.broker.group.GroupErrors;
import io.millrace.broker.group.GroupRecord;
import io.millrace.broker.group.RecordSink;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.TreeSet;
import org.agrona.concurrent.EpochClock;

/**
 * The way of one coordinator's records into its partition, and the answers that wait for them. Owned by the network
 * thread.
 *
 * <p>Records are gathered into batches; what is asked in one duty cycle shares one. Batches are committed in the order
 * in which they were written. An answer waits until every record that came before it is committed, and is refused when
 * that takes too long; the records stay, as they do in Kafka. Batches that the engine refuses because too few replicas
 * are in sync go again, in the same order, when there are enough. When a record cannot be kept for another reason, all
 * that wait are refused, and nothing is taken any more.
 */
final class GroupLog implements RecordSink {
    /** A batch is closed when it has so many bytes. */
    private static final int BATCH_LENGTH = 64 * 1024;
    /** Of batches whose outcome is not known: they are kept until then, since they may have to go again. */
    private static final int MAX_IN_FLIGHT_LENGTH = 2 << 20;
    /** How long an answer waits for its records to be committed; Kafka's default of offsets.commit.timeout.ms. */
    private static final long ANSWER_TIMEOUT_MS = 5_000;
    /** Before batches that were refused go again. */
    private static final long RETRY_MS = 100;

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

    /** An answer that waits. */
    private static final class Waiting {
        private static final Comparator<Waiting> ORDER =
            Comparator.<Waiting>comparingLong(one -> one.batchNumber).thenComparingLong(one -> one.number);

        private final long batchNumber;
        private final long number;
        private final long deadlineMs;
        /** Null once it was answered. */
        private Held held;

        Waiting(final long batchNumber, final long number, final long deadlineMs, final Held held) {
            this.batchNumber = batchNumber;
            this.number = number;
            this.deadlineMs = deadlineMs;
            this.held = held;
        }

        Held take() {
            final Held taken = held;
            held = null;
            return taken;
        }
    }

    /** A batch whose outcome is not known, or that was refused and is to go again. */
    private static final class Sent {
        private final long replyId;
        private final byte[] batch;
        private boolean isRefused;

        Sent(final long replyId, final byte[] batch) {
            this.replyId = replyId;
            this.batch = batch;
        }
    }

    private final ShardIngress ingress;
    private final int partitionId;
    private final Numbers numbers;
    private final Runnable engineWakeUp;
    private final EpochClock epochClock;
    private final ArrayDeque<byte[]> batches = new ArrayDeque<>();
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    private final TreeSet<Waiting> waiting = new TreeSet<>(Waiting.ORDER);
    /** Those of them that wait for a while only, in the order of their deadlines; may hold answered ones. */
    private final ArrayDeque<Waiting> impatient = new ArrayDeque<>();
    private final int maxWaitingLength;
    private final int maxInFlightCount;
    private List<GroupRecord> open = new ArrayList<>();
    private int openLength;
    private int waitingLength;
    private long closedCount;
    private long committedCount;
    private long committedLength;
    private long waitingNumber;
    private int inFlightCount;
    private int inFlightLength;
    private int refusedCount;
    private boolean mustPause;
    /** One batch at a time until one is kept: of several the first might be refused still, and the next one not. */
    private boolean isTrying;
    private long pauseEndMs = Long.MIN_VALUE;
    private boolean isLost;
    private long markedBatch = -1;
    private long markedOffset = -1;

    /**
     * Nothing is under way yet.
     *
     * @param ingress          of the partition's shard
     * @param partitionId      of the partition in its shard
     * @param numbers          for the engine thread
     * @param engineWakeUp     when something was sent
     * @param epochClock       of the batches' timestamps
     * @param maxWaitingLength bytes of batches beyond which nothing more is to be asked for
     * @param maxInFlightCount batches that may be under way; what comes meanwhile shares the next ones
     */
    GroupLog(final ShardIngress ingress, final int partitionId, final Numbers numbers, final Runnable engineWakeUp,
        final EpochClock epochClock, final int maxWaitingLength, final int maxInFlightCount) {
        this.maxWaitingLength = maxWaitingLength;
        this.maxInFlightCount = maxInFlightCount;
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

    @Override
    public long maxLength(final int count) {
        return GroupBatch.maxRecordsLength(ingress.maxBatchLength(), count);
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

    @Override
    public long number() {
        return open.isEmpty() ? closedCount : closedCount + 1;
    }

    /** Runs it when every record so far is committed: at once where they are. Waits for ever. */
    void whenCommitted(final Held held) {
        whenCommitted(held, number(), Long.MAX_VALUE);
    }

    /**
     * Runs it when a record is committed: at once if it is. Gives up after a while.
     *
     * @param held   to be run
     * @param number of the record, from {@link #number()}
     * @param nowMs  now
     */
    void soonWhenCommitted(final Held held, final long number, final long nowMs) {
        whenCommitted(held, number, nowMs + ANSWER_TIMEOUT_MS);
    }

    private void whenCommitted(final Held held, final long number, final long deadlineMs) {
        if (isLost) {
            held.onLost(GroupErrors.NOT_COORDINATOR);
        } else if (number <= committedCount) {
            held.onCommitted();
        } else {
            final Waiting one = new Waiting(number, waitingNumber++, deadlineMs, held);
            waiting.add(one);
            if (deadlineMs < Long.MAX_VALUE) {
                impatient.add(one);
            }
        }
    }

    /** Refuses those that have waited too long. {@return work count} */
    int expire(final long nowMs) {
        int work = 0;
        while (!impatient.isEmpty() && (impatient.peek().held == null || impatient.peek().deadlineMs <= nowMs)) {
            final Waiting late = impatient.poll();
            final Held held = late.take();
            if (held != null) {
                waiting.remove(late);
                held.onLost(GroupErrors.COORDINATOR_NOT_AVAILABLE);
                work++;
            }
        }
        return work;
    }

    /** {@return whether no more should be asked for now} */
    boolean isFull() {
        return waitingLength + inFlightLength > maxWaitingLength;
    }

    /** {@return batches that are not committed} */
    int uncommittedCount() {
        return inFlightCount + batches.size();
    }

    /** {@return batches whose outcome is not known} */
    int inFlightCount() {
        return inFlightCount;
    }

    /** {@return bytes committed so far} */
    long committedLength() {
        return committedLength;
    }

    boolean isLost() {
        return isLost;
    }

    /** Sends what there is room for. {@return work count} */
    int send(final long nowMs) {
        if (isLost || inFlightCount >= maxInFlightCount) {
            return 0;
        }
        close();
        if (mustPause) {
            mustPause = false;
            pauseEndMs = nowMs + RETRY_MS;
        }
        if (refusedCount > 0 || nowMs < pauseEndMs) {
            return 0; // what was refused goes first
        }
        int work = 0;
        while (!batches.isEmpty() && !isLost && inFlightLength < MAX_IN_FLIGHT_LENGTH
            && inFlightCount < maxInFlightCount && (!isTrying || inFlightCount == 0)) {
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
            sent.add(new Sent(number, batch));
            waitingLength -= batch.length;
            inFlightLength += batch.length;
            inFlightCount++;
            work++;
        }
        if (work > 0) {
            engineWakeUp.run();
        }
        return work;
    }

    /** The engine has an answer to a batch. */
    void onOutcome(final long replyId, final short error, final long baseOffset) {
        inFlightCount--;
        if (isLost) {
            return;
        }
        if (error == ErrorCodes.NOT_ENOUGH_REPLICAS) {
            onRefused(replyId);
            return;
        }
        final Sent oldest = sent.peek();
        if (error != ErrorCodes.NONE || oldest == null || oldest.replyId != replyId) {
            // the oldest one was refused and a later one kept: what is in the log now is not what is known here
            lose(error == ErrorCodes.NONE ? ErrorCodes.NOT_ENOUGH_REPLICAS : error);
            return;
        }
        sent.poll();
        isTrying = false;
        inFlightLength -= oldest.batch.length;
        committedLength += oldest.batch.length;
        committedCount++;
        if (committedCount == markedBatch) {
            markedOffset = baseOffset;
        }
        while (!waiting.isEmpty() && waiting.first().batchNumber <= committedCount) {
            waiting.pollFirst().take().onCommitted();
        }
        while (!impatient.isEmpty() && impatient.peek().held == null) {
            impatient.poll();
        }
    }

    /** Too few replicas are in sync, or were until now. */
    void tryOne() {
        isTrying = true;
    }

    /** Too few replicas are in sync: nothing was written. It goes again when all that were sent after it are back. */
    private void onRefused(final long replyId) {
        isTrying = true;
        for (final Sent one : sent) {
            if (one.replyId == replyId) {
                one.isRefused = true;
                refusedCount++;
            }
        }
        int lastCount = 0;
        for (final Iterator<Sent> i = sent.descendingIterator(); i.hasNext() && i.next().isRefused;) {
            lastCount++;
        }
        if (lastCount == refusedCount) {
            for (; refusedCount > 0; refusedCount--) {
                final byte[] batch = sent.pollLast().batch;
                batches.addFirst(batch);
                inFlightLength -= batch.length;
                waitingLength += batch.length;
            }
            mustPause = true;
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
            sent.clear();
            open.clear();
            impatient.clear();
            final short answer = error == ErrorCodes.NOT_ENOUGH_REPLICAS
                || error == ErrorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND || error == ErrorCodes.KAFKA_STORAGE_ERROR
                ? GroupErrors.COORDINATOR_NOT_AVAILABLE
                : GroupErrors.NOT_COORDINATOR;
            while (!waiting.isEmpty()) {
                waiting.pollFirst().take().onLost(answer);
            }
        }
    }
}
