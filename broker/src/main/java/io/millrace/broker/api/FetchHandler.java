package io.millrace.broker.api;

import io.millrace.broker.shard.CommitInterest;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.FetchRequestCursor;
import io.millrace.transport.kafka.codec.FetchResponseEncoder;
import io.millrace.transport.kafka.server.ReplySlot;
import io.millrace.transport.kafka.server.RequestHandler;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;

/**
 * Fetch: answers at once when there is enough to send or something to complain about, else waits for commits. Owned by
 * the network thread.
 *
 * <p>Record bytes never pass the heap: a reply holds file regions, and the segments they lie in stay pinned until the
 * last byte is sent. Fetch sessions (KIP-227) are answered with session 0, "none".
 */
final class FetchHandler {
    private static final int CLIENT = -1;
    private static final int NO_EPOCH = -1;
    /** Session epochs of requests that name all their partitions. */
    private static final int NO_SESSION_EPOCH = -1;
    private static final int NEW_SESSION_EPOCH = 0;
    private static final long UNKNOWN_HIGH_WATERMARK = -1;
    private static final long UNREADABLE = Long.MIN_VALUE;

    private final TopicDirectory topics;
    private final int fetchMaxLength;
    private final CommitInterest commitInterest;
    private final FetchRequestCursor cursor = new FetchRequestCursor();
    private final FetchResponseEncoder encoder = new FetchResponseEncoder();
    private final LeaderEndpoints endpoints;
    private final ReadAhead readAhead;
    private final ArrayDeque<PendingFetch> pool = new ArrayDeque<>();
    private final WaitingFetches waiting = new WaitingFetches();
    private final Predicate<PendingFetch> look = this::look;
    private final ReplySlot.ReleaseHandler releaseHandler = this::onReleased;
    private final PartitionReader.BatchHandler addBatch = this::addBatch;
    private final PartitionReader.BatchHandler countBatch = this::countBatch;
    private int lengthLeft;
    private int partitionLengthLeft;
    private int countedLength;
    private long lookCount;

    FetchHandler(final TopicDirectory topics, final int fetchMaxLength, final CommitInterest commitInterest,
        final Executor readers) {
        this.topics = topics;
        this.readAhead = new ReadAhead(readers);
        this.endpoints = new LeaderEndpoints(topics);
        this.commitInterest = commitInterest;
        this.fetchMaxLength = fetchMaxLength;
    }

    int onRequest(
        final DirectBuffer buffer, final int index, final int length, final ReplySlot slot, final long nowNs) {
        cursor.wrap(slot.apiVersion(), buffer, index, length);
        final PendingFetch fetch = pool.isEmpty() ? new PendingFetch() : pool.poll();
        fetch.slot = slot;
        slot.attach(fetch);
        if (cursor.sessionEpoch() != NO_SESSION_EPOCH && cursor.sessionEpoch() != NEW_SESSION_EPOCH) {
            final int end = encoder.begin(slot, slot.apiVersion(), KafkaErrors.FETCH_SESSION_ID_NOT_FOUND, 0).end();
            slot.complete(end, releaseHandler);
        } else if (cursor.maxWaitMs() <= 0 || cursor.minLength() <= 0 || isReady(fetch)) {
            reply(fetch);
        } else {
            slot.retainRequest();
            commitInterest.set(true); // before the log's ends are looked at; the next duty cycle looks at the marks
            await(fetch);
            slot.expireAt(nowNs + TimeUnit.MILLISECONDS.toNanos(cursor.maxWaitMs()));
        }
        return RequestHandler.ACCEPTED;
    }

    /** All its partitions are there and led here, else it would be answered. */
    private void await(final PendingFetch fetch) {
        waiting.add(fetch);
        TopicView topic = null;
        boolean isWatching = true;
        while (isWatching && cursor.next()) {
            if (cursor.isNewTopic()) {
                topic = findTopic();
            }
            final int partition = cursor.partitionId();
            isWatching = waiting.add(
                fetch, topic.shards[partition].local, topic.idInShard(partition), cursor.fetchOffset());
        }
    }

    /** Looks at the waiting fetches for which something was committed; cheap when nothing was. */
    int onCommits() {
        return waiting.isEmpty() ? 0 : waiting.onCommits(look);
    }

    /** Looks at every waiting fetch: shards were opened, leaders changed, or topics did. */
    int onChange() {
        return waiting.onChange(look);
    }

    /** {@return how often a waiting fetch was looked at} */
    long lookCount() {
        return lookCount;
    }

    private boolean look(final PendingFetch fetch) {
        lookCount++;
        rewrap(fetch);
        if (!isReady(fetch)) {
            return false;
        }
        stopWaiting(fetch);
        reply(fetch);
        return true;
    }

    void onExpired(final ReplySlot slot) {
        final PendingFetch fetch = (PendingFetch)slot.attachment();
        stopWaiting(fetch);
        rewrap(fetch);
        reply(fetch);
    }

    void onAbandoned(final ReplySlot slot) {
        final PendingFetch fetch = (PendingFetch)slot.attachment();
        stopWaiting(fetch);
        slot.complete(encoder.begin(slot, slot.apiVersion(), ErrorCodes.NONE, 0).end(), releaseHandler);
    }

    private void rewrap(final PendingFetch fetch) {
        cursor.wrap(fetch.slot.apiVersion(), fetch.slot.requestBuffer(), 0, fetch.slot.requestLength());
    }

    private void stopWaiting(final PendingFetch fetch) {
        waiting.remove(fetch);
        commitInterest.set(!waiting.isEmpty());
    }

    /** Whether enough bytes are there, or none can come, or an error must be told. Leaves the cursor at its start. */
    private boolean isReady(final PendingFetch fetch) {
        countedLength = 0;
        final int minLength = Math.min(cursor.minLength(), Math.min(fetchMaxLength, Math.max(0, cursor.maxLength())));
        TopicView topic = null;
        boolean isAnyAsked = false;
        boolean ready = false;
        while (!ready && cursor.next()) {
            isAnyAsked = true;
            if (cursor.isNewTopic()) {
                topic = findTopic();
            }
            ready = check(fetch, topic) != ErrorCodes.NONE || countedLength >= minLength;
            if (!ready) {
                final int partition = cursor.partitionId();
                final PartitionReader reader = fetch.reader(topic.shards[partition].local);
                final int idInShard = topic.idInShard(partition);
                final long highWatermark = highWatermarkOf(reader, idInShard);
                ready = highWatermark == UNREADABLE || isDiverging(reader, idInShard);
                if (highWatermark > cursor.fetchOffset()) {
                    final int read =
                        reader.read(idInShard, cursor.fetchOffset(), minLength - countedLength, countBatch);
                    ready = countedLength >= minLength || read == PartitionReader.DAMAGED;
                }
            }
        }
        fetch.releaseReaders();
        cursor.rewind();
        return ready || !isAnyAsked;
    }

    private boolean countBatch(final LogFile file, final long fileOffset, final int length, final long baseOffset,
        final long nextOffset) {
        countedLength += length;
        return true;
    }

    /** 0, or the error of the partition at which the cursor stands. */
    private short check(final PendingFetch fetch, final TopicView topic) {
        final int partition = cursor.partitionId();
        if (topic == null) {
            return topics.unknownTopic(cursor.hasTopicIds());
        }
        if (partition < 0 || partition >= topic.partitionCount()) {
            return ErrorCodes.UNKNOWN_TOPIC_OR_PARTITION;
        }
        final ShardView shard = topic.shards[partition];
        if (!topics.leads(shard) || cursor.replicaId() != CLIENT) {
            return ErrorCodes.NOT_LEADER_OR_FOLLOWER;
        }
        if (cursor.currentLeaderEpoch() != NO_EPOCH && cursor.currentLeaderEpoch() != shard.info.leaderEpoch()) {
            return cursor.currentLeaderEpoch() < shard.info.leaderEpoch()
                ? KafkaErrors.FENCED_LEADER_EPOCH : KafkaErrors.UNKNOWN_LEADER_EPOCH;
        }
        final PartitionReader reader = fetch.reader(shard.local);
        final int idInShard = topic.idInShard(partition);
        final boolean inRange = cursor.fetchOffset() >= Math.max(0, reader.logStartOffset(idInShard))
            && cursor.fetchOffset() <= Math.max(0, reader.logEndOffset(idInShard));
        if (inRange) {
            return ErrorCodes.NONE;
        }
        // a log that is led no longer may have been cut since: a consumer must not start over because of that
        return shard.isLedHere() ? ErrorCodes.OFFSET_OUT_OF_RANGE : ErrorCodes.NOT_LEADER_OR_FOLLOWER;
    }

    private void reply(final PendingFetch fetch) {
        final ReplySlot slot = fetch.slot;
        encoder.begin(slot, slot.apiVersion(), ErrorCodes.NONE, cursor.topicCount());
        endpoints.clear();
        lengthLeft = Math.min(fetchMaxLength, Math.max(0, cursor.maxLength()));
        TopicView topic = null;
        while (cursor.next()) {
            if (cursor.isNewTopic()) {
                topic = findTopic();
                encoder.topic(
                    cursor.buffer(), cursor.topicIndex(), cursor.topicLength(), cursor.topicPartitionCount());
            }
            final short error = check(fetch, topic);
            if (error == ErrorCodes.NONE) {
                addPartition(fetch.reader(topic.shards[cursor.partitionId()].local), topic);
            } else {
                encoder.partition(cursor.partitionId(), error, -1, -1);
                if (topic != null
                    && (error == ErrorCodes.NOT_LEADER_OR_FOLLOWER || error == KafkaErrors.FENCED_LEADER_EPOCH)) {
                    tellLeader(topic.shards[cursor.partitionId()]);
                }
            }
        }
        slot.complete(encoder.end(endpoints.list()), releaseHandler);
    }

    private void tellLeader(final ShardView shard) {
        encoder.currentLeader(shard.visibleLeaderId, shard.info.leaderEpoch());
        endpoints.add(shard.visibleLeaderId);
    }

    private TopicView findTopic() {
        return cursor.hasTopicIds() ? topics.find(cursor.topicIdMost(), cursor.topicIdLeast())
            : topics.find(cursor.buffer(), cursor.topicIndex(), cursor.topicLength());
    }

    /** An index that cannot be read must not end the network thread: the partition is answered with an error. */
    private static long highWatermarkOf(final PartitionReader reader, final int idInShard) {
        try {
            return reader.highWatermark(idInShard);
        } catch (final UncheckedIOException ex) {
            return UNREADABLE;
        }
    }

    /**
     * Whether the asker's last record is not in this log, by its epoch: then it must know where the logs part (only
     * followers say their epoch as yet).
     */
    private boolean isDiverging(final PartitionReader reader, final int idInShard) {
        final int asked = cursor.lastFetchedEpoch();
        if (asked < 0) {
            return false;
        }
        final int epoch = reader.epochUpTo(asked);
        return epoch != asked || reader.epochEndOffset(idInShard, epoch) < cursor.fetchOffset();
    }

    private void addDiverging(final PartitionReader reader, final int idInShard) {
        final int epoch = reader.epochUpTo(cursor.lastFetchedEpoch());
        if (epoch < 0) {
            encoder.partition(cursor.partitionId(), ErrorCodes.OFFSET_OUT_OF_RANGE, -1, -1);
        } else {
            encoder.partition(cursor.partitionId(), ErrorCodes.NONE, Math.max(0, highWatermarkOf(reader, idInShard)),
                Math.max(0, reader.logStartOffset(idInShard)));
            encoder.divergingEpoch(epoch, Math.max(0, reader.epochEndOffset(idInShard, epoch)));
        }
    }

    private void addPartition(final PartitionReader reader, final TopicView topic) {
        final int idInShard = topic.idInShard(cursor.partitionId());
        if (isDiverging(reader, idInShard)) {
            addDiverging(reader, idInShard);
            return;
        }
        final long found = highWatermarkOf(reader, idInShard);
        if (found == UNREADABLE) {
            encoder.partition(cursor.partitionId(), ErrorCodes.KAFKA_STORAGE_ERROR, -1, -1);
            return;
        }
        final long highWatermark = Math.max(0, found);
        // a new leader may not know yet what clients have seen committed: they must not take this for the end
        final boolean isKnown = highWatermark >= cursor.fetchOffset()
            || topic.shards[cursor.partitionId()].local.hasCommittedInEpoch();
        encoder.partition(cursor.partitionId(), ErrorCodes.NONE, isKnown ? highWatermark : UNKNOWN_HIGH_WATERMARK,
            Math.max(0, reader.logStartOffset(idInShard)));
        partitionLengthLeft = Math.min(cursor.partitionMaxLength(), lengthLeft);
        readAhead.begin();
        if (highWatermark > cursor.fetchOffset() && (lengthLeft > 0 || encoder.totalRecordsLength() == 0)) {
            final int read = reader.read(idInShard, cursor.fetchOffset(), Math.max(1, partitionLengthLeft), addBatch);
            if (read == PartitionReader.DAMAGED) {
                encoder.partitionError(ErrorCodes.KAFKA_STORAGE_ERROR); // clients try again: it may be mended meanwhile
            }
        }
    }

    /** The very first batch of a reply goes out whatever its length (KIP-74); later ones only if they fit. */
    private boolean addBatch(final LogFile file, final long fileOffset, final int length, final long baseOffset,
        final long nextOffset) {
        if (length > partitionLengthLeft && encoder.totalRecordsLength() > 0) {
            return false;
        }
        encoder.batch(file, fileOffset, length);
        readAhead.onBatch(file, fileOffset, length);
        partitionLengthLeft -= length;
        lengthLeft -= length;
        return partitionLengthLeft > 0;
    }

    private void onReleased(final ReplySlot slot) {
        final PendingFetch fetch = (PendingFetch)slot.attachment();
        fetch.releaseReaders();
        fetch.slot = null;
        if (fetch.isPoolable()) {
            pool.push(fetch);
        }
    }
}
