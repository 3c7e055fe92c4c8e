package io.millrace.broker.api;

import io.millrace.broker.shard.HandingOver;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.codec.ProduceRequestCursor;
import io.millrace.transport.kafka.codec.ProduceResponseEncoder;
import io.millrace.transport.kafka.codec.ReplyTarget;
import io.millrace.transport.kafka.server.ReplySlot;
import io.millrace.transport.kafka.server.RequestHandler;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;
import org.agrona.DirectBuffer;

/**
 * Produce: checks each batch, claims room in its shard's ring, copies it there, and answers when all outcomes are in.
 * Owned by the network thread.
 *
 * <p>A batch is claimed only when it is whole and checked. When a ring is full the request stays where it is, at the
 * partition it had come to, and its connection is not read on.
 */
final class ProduceHandler {
    private static final int ACKS_ALL = -1;
    /** A producer with acks=0 cannot be told to try again: it waits so long for a topic or leader on its way. */
    private static final long UNANSWERED_PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

    private final TopicDirectory topics;
    private final OutcomeQueue outcomes;
    private final Runnable engineWakeUp;
    private final HandingOver handingOver;
    private final LongFunction<ReplySlot> slotById;
    private final BatchValidator validator = new BatchValidator();
    private final ProduceRequestCursor cursor = new ProduceRequestCursor();
    private final ProduceResponseEncoder encoder = new ProduceResponseEncoder();
    private final LeaderEndpoints endpoints;
    private final ArrayDeque<PendingProduce> pool = new ArrayDeque<>();
    private final OutcomeQueue.Handler outcomeHandler = this::onOutcome;
    private OutcomeQueue.Handler coordinatorOutcomes;
    private int inFlightCount;
    private boolean claimedAny;

    /**
     * Connects the handler.
     *
     * @param topics       of the network thread
     * @param outcomes     from the engine thread
     * @param slotById     finds a slot that is not completed, or null
     * @param engineWakeUp tells the engine thread that a ring has something
     * @param handingOver  whether this node is giving away what it leads
     */
    ProduceHandler(final TopicDirectory topics, final OutcomeQueue outcomes, final LongFunction<ReplySlot> slotById,
        final Runnable engineWakeUp, final HandingOver handingOver) {
        this.topics = topics;
        this.endpoints = new LeaderEndpoints(topics);
        this.handingOver = handingOver;
        this.engineWakeUp = engineWakeUp;
        this.outcomes = outcomes;
        this.slotById = slotById;
    }

    /** Sends the outcomes of the groups' coordinators there: those with negative ids. */
    void coordinatorOutcomes(final OutcomeQueue.Handler handler) {
        coordinatorOutcomes = handler;
    }

    int onRequest(
        final DirectBuffer buffer, final int index, final int length, final ReplySlot slot, final long nowNs) {
        cursor.wrap(slot.apiVersion(), buffer, index, length);
        PendingProduce pending = (PendingProduce)slot.attachment();
        if (pending == null) {
            if (cursor.partitionCount() > OutcomeQueue.ENTRY_LIMIT) {
                throw new MalformedRequestException("too many partitions in one Produce request: "
                    + cursor.partitionCount() + ", at most " + OutcomeQueue.ENTRY_LIMIT);
            }
            pending = begin(slot, nowNs);
        }
        final boolean admitted = inFlightCount + cursor.partitionCount() <= OutcomeQueue.ENTRY_LIMIT
            && admit(slot, pending, nowNs);
        if (claimedAny) {
            claimedAny = false;
            engineWakeUp.run(); // once for all its batches, which so share a block
        }
        if (!admitted) {
            return RequestHandler.BACK_PRESSURE;
        }
        pending.admitted = true;
        finishAdmission(slot, pending, nowNs);
        return RequestHandler.ACCEPTED;
    }

    private PendingProduce begin(final ReplySlot slot, final long nowNs) {
        final PendingProduce pending = pool.isEmpty() ? new PendingProduce() : pool.poll();
        pending.reset(slot.apiVersion(), cursor.acks() == ACKS_ALL, cursor.partitionCount(), nowNs);
        slot.attach(pending);
        encoder.begin(slot, slot.apiVersion(), cursor.topicCount());
        for (int i = 0; cursor.next(); i++) {
            if (cursor.isNewTopic()) {
                encoder.topic(
                    cursor.buffer(), cursor.topicIndex(), cursor.topicLength(), cursor.topicPartitionCount());
            }
            pending.entryIndexes[i] = encoder.partition(cursor.partitionId());
            pending.open[i] = false;
        }
        pending.responseEnd = encoder.end();
        cursor.rewind();
        return pending;
    }

    /** Admits partitions from where it stopped; false when a ring is full, or when it is worth waiting for a leader. */
    private boolean admit(final ReplySlot slot, final PendingProduce pending, final long nowNs) {
        TopicView topic = null;
        for (int i = 0; cursor.next(); i++) {
            if (cursor.isNewTopic()) {
                topic = cursor.hasTopicIds() ? topics.find(cursor.topicIdMost(), cursor.topicIdLeast())
                    : topics.find(cursor.buffer(), cursor.topicIndex(), cursor.topicLength());
            }
            if (i < pending.nextPartition) {
                continue;
            }
            final short error = check(pending, topic, i);
            if (error != ErrorCodes.NONE) {
                if (mayHeal(error) && (cursor.acks() == 0 || handingOver.isUnderWay())
                    && nowNs - pending.firstOfferNs < UNANSWERED_PATIENCE_NS) {
                    return false;
                }
                refuse(slot, pending, topic, i, error);
            } else {
                pending.checkedPartition = i;
                if (!claim(slot, pending, topic, i)) {
                    return false;
                }
            }
            pending.nextPartition = i + 1;
        }
        return true;
    }

    private static boolean mayHeal(final short error) {
        return error == ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION || error == KafkaErrors.UNKNOWN_TOPIC_ID
            || error == ErrorCodes.NOT_LEADER_OR_FOLLOWER;
    }

    private short check(final PendingProduce pending, final TopicView topic, final int entry) {
        final int partition = cursor.partitionId();
        if (topic == null) {
            return topics.unknownTopic(cursor.hasTopicIds());
        }
        if (partition < 0 || partition >= topic.partitionCount()) {
            return ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
        }
        if (topic.info.isInternal()) {
            return KafkaErrors.INVALID_TOPIC;
        }
        if (!topics.leads(topic.shards[partition])) {
            return ErrorCodes.NOT_LEADER_OR_FOLLOWER;
        }
        if (cursor.acks() < ACKS_ALL || cursor.acks() > 1) {
            return KafkaErrors.INVALID_REQUIRED_ACKS;
        }
        if (cursor.transactionalIdLength() >= 0) {
            return KafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
        }
        if (cursor.acks() == ACKS_ALL && isUnderMinIsr(topic, partition)) {
            return ErrorCodes.NOT_ENOUGH_REPLICAS;
        }
        if (pending.checkedPartition == entry) {
            return ErrorCodes.NONE;
        }
        return validator.check(pending.version, cursor.buffer(), cursor.recordsIndex(), cursor.recordsLength(),
            Math.min(topic.maxBatchLength, topic.shards[partition].local.ingress().maxBatchLength()));
    }

    /** Whether fewer replicas are in sync than the topic asks beyond what its shard sees to by itself. */
    private static boolean isUnderMinIsr(final TopicView topic, final int partition) {
        return topic.minIsr > 0 && topic.shards[partition].info.isr().size() < topic.minIsr;
    }

    private boolean claim(
        final ReplySlot slot, final PendingProduce pending, final TopicView topic, final int entry) {
        final int partition = cursor.partitionId();
        final ShardIngress ingress = topic.shards[partition].local.ingress();
        final boolean answered = cursor.acks() != 0;
        final int claimed = ingress.tryClaim(topic.idInShard(partition), cursor.recordsLength(),
            answered ? slot.replyId(entry) : OutcomeQueue.NOBODY, cursor.acks());
        if (claimed == ShardIngress.FULL) {
            return false;
        }
        if (claimed == ShardIngress.NOT_LEADING) {
            if (handingOver.isUnderWay()) {
                return false; // looked at again in a moment
            }
            refuse(slot, pending, topic, entry, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
            return true;
        }
        ingress.buffer().putBytes(claimed, cursor.buffer(), cursor.recordsIndex(), cursor.recordsLength());
        ingress.commit(claimed);
        claimedAny = true;
        if (answered) {
            pending.open[entry] = true;
            pending.topics[entry] = topic;
            pending.partitions[entry] = partition;
            pending.openCount++;
            inFlightCount++;
        }
        return true;
    }

    private void refuse(final ReplySlot slot, final PendingProduce pending, final TopicView topic, final int entry,
        final short error) {
        pending.failed = true;
        patch(slot, pending, entry, error, -1, -1);
        if (error == ErrorCodes.NOT_LEADER_OR_FOLLOWER && topic != null) {
            tellLeader(slot, pending, entry, topic.shards[cursor.partitionId()]);
        }
    }

    private static void tellLeader(
        final ReplySlot slot, final PendingProduce pending, final int entry, final ShardView shard) {
        ProduceResponseEncoder.patchLeader(slot.ensureCapacity(ReplyTarget.BODY_INDEX), pending.version,
            pending.entryIndexes[entry], shard.visibleLeaderId, shard.info.leaderEpoch());
        pending.named.addInt(shard.visibleLeaderId);
    }

    private static void patch(final ReplySlot slot, final PendingProduce pending, final int entry, final short error,
        final long baseOffset, final long logStartOffset) {
        ProduceResponseEncoder.patch(slot.ensureCapacity(ReplyTarget.BODY_INDEX), pending.version,
            pending.entryIndexes[entry], error, baseOffset, logStartOffset);
    }

    private void finishAdmission(final ReplySlot slot, final PendingProduce pending, final long nowNs) {
        if (cursor.acks() == 0) {
            final boolean failed = pending.failed;
            recycle(pending);
            if (failed) {
                slot.fail("a batch with acks=0 was refused: there is no other way to tell its producer");
            } else {
                slot.completeWithoutReply();
            }
        } else if (pending.openCount == 0) {
            complete(slot, pending);
        } else if (cursor.acks() == ACKS_ALL) {
            slot.expireAt(nowNs + TimeUnit.MILLISECONDS.toNanos(Math.max(0, cursor.timeoutMs())));
        }
    }

    private void complete(final ReplySlot slot, final PendingProduce pending) {
        endpoints.clear();
        for (int i = 0; i < pending.named.size(); i++) {
            endpoints.add(pending.named.getInt(i));
        }
        final int end = ProduceResponseEncoder.finish(slot, pending.version, pending.responseEnd, endpoints.list());
        recycle(pending);
        slot.complete(end);
    }

    private void recycle(final PendingProduce pending) {
        pool.push(pending);
    }

    int drainOutcomes() {
        return outcomes.drain(outcomeHandler);
    }

    private void onOutcome(
        final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        if (replyId < OutcomeQueue.NOBODY) {
            coordinatorOutcomes.onOutcome(replyId, errorCode, baseOffset, logStartOffset);
            return;
        }
        inFlightCount--;
        final ReplySlot slot = slotById.apply(replyId);
        if (slot == null) {
            return; // answered by time-out before
        }
        final PendingProduce pending = (PendingProduce)slot.attachment();
        final int entry = ReplySlot.entryOf(replyId);
        pending.open[entry] = false;
        pending.openCount--;
        final TopicView topic = pending.topics[entry];
        if (errorCode == ErrorCodes.NONE && pending.acksAll && isUnderMinIsr(topic, pending.partitions[entry])) {
            patch(slot, pending, entry, ErrorCodes.NOT_ENOUGH_REPLICAS_AFTER_APPEND, -1, -1);
        } else {
            patch(slot, pending, entry, errorCode, baseOffset, logStartOffset);
            if (errorCode == ErrorCodes.NOT_LEADER_OR_FOLLOWER) {
                tellLeader(slot, pending, entry, topic.shards[pending.partitions[entry]]);
            }
        }
        if (pending.openCount == 0 && (pending.admitted || pending.abandoned)) {
            complete(slot, pending);
        }
    }

    void onAbandoned(final ReplySlot slot) {
        final PendingProduce pending = (PendingProduce)slot.attachment();
        pending.abandoned = true;
        if (pending.openCount == 0) {
            complete(slot, pending);
        }
    }

    void onExpired(final ReplySlot slot) {
        final PendingProduce pending = (PendingProduce)slot.attachment();
        for (int i = 0; i < pending.partitionCount; i++) {
            if (pending.open[i]) {
                patch(slot, pending, i, ErrorCodes.REQUEST_TIMED_OUT, -1, -1);
            }
        }
        complete(slot, pending);
    }
}
