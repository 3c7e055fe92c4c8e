package io.millrace.broker.api;

import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.PartitionReader;
import io.millrace.transport.kafka.codec.ListOffsetsCodec;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.server.ReplySlot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * ListOffsets. Owned by the network thread.
 *
 * <p>What the metadata of a partition answers is answered at once. A timestamp is looked up on another thread, because
 * batches have to be read and decompressed for it; the answer is exact inside compressed batches too.
 */
final class ListOffsetsHandler {
    private static final int NO_EPOCH = -1;
    private static final int OFFSET_NOT_AVAILABLE_MIN_VERSION = 5;
    /** Requests with timestamps that may be in work at a time; what comes beyond is asked to try again. */
    private static final int MAX_LOOKUP_COUNT = 256;
    /** Partitions that the requests in work may name together, unless there is but one. */
    private static final int MAX_OPEN_PARTITION_COUNT = 200_000;
    private static final long LOOKUP_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);

    private final TopicDirectory topics;
    private final Executor lookups;
    private final Runnable wakeUp;
    private final TimestampLookup lookup = new TimestampLookup();
    private final ManyToOneConcurrentArrayQueue<Lookup> done = new ManyToOneConcurrentArrayQueue<>(MAX_LOOKUP_COUNT);
    private int openCount;
    private int openPartitionCount;

    /**
     * Connects the handler.
     *
     * @param topics  of the network thread
     * @param lookups runs one lookup at a time, elsewhere; may refuse
     * @param wakeUp  wakes the network thread; any thread
     */
    ListOffsetsHandler(final TopicDirectory topics, final Executor lookups, final Runnable wakeUp) {
        this.topics = topics;
        this.lookups = lookups;
        this.wakeUp = wakeUp;
    }

    void handle(final ListOffsets.Request request, final ReplySlot slot, final long nowNs) {
        final Lookup open = new Lookup(slot);
        NamedOnce.partitions(request.topics(), ListOffsets.RequestTopic::name, ListOffsets.RequestTopic::partitions,
            ListOffsets.RequestPartition::partitionId).forEach((name, asked) -> {
                final TopicView topic = topics.find(name);
                final List<ListOffsets.ResponsePartition> partitions = new ArrayList<>();
                asked.forEach((id, partition) -> partitions.add(
                    partition == null ? error(id, KafkaErrors.INVALID_REQUEST) // as Kafka
                        : answer(topic, partition, slot.apiVersion(), open, partitions)));
                open.answers.add(new ListOffsets.ResponseTopic(name, partitions));
                open.partitionCount += partitions.size();
            });
        if (open.searches.isEmpty()) {
            open.complete();
        } else {
            start(open, nowNs);
        }
    }

    /** Answers what was looked up meanwhile. */
    int doWork() {
        int work = 0;
        for (Lookup finished = done.poll(); finished != null; finished = done.poll()) {
            openCount--;
            openPartitionCount -= finished.partitionCount;
            finished.finish();
            work++;
        }
        return work;
    }

    private void start(final Lookup open, final long nowNs) {
        boolean taken = openCount < MAX_LOOKUP_COUNT
            && (openCount == 0 || openPartitionCount + open.partitionCount <= MAX_OPEN_PARTITION_COUNT);
        if (taken) {
            try {
                lookups.execute(open);
            } catch (final RejectedExecutionException ex) {
                taken = false;
            }
        }
        if (taken) {
            openCount++;
            openPartitionCount += open.partitionCount;
            open.slot.attach(open);
            open.slot.expireAt(nowNs + LOOKUP_TIMEOUT_NS);
        } else {
            open.giveBack();
            open.fail(ErrorCodes.REQUEST_TIMED_OUT);
        }
    }

    private ListOffsets.ResponsePartition answer(final TopicView topic, final ListOffsets.RequestPartition asked,
        final int version, final Lookup open, final List<ListOffsets.ResponsePartition> target) {
        final int partition = asked.partitionId();
        if (topic == null || partition < 0 || partition >= topic.partitionCount()) {
            return error(partition, topics.unknownTopic(false));
        }
        if (isUnsupported(asked.timestampMs(), version)) {
            return error(partition, KafkaErrors.UNSUPPORTED_VERSION);
        }
        final ShardView shard = topic.shards[partition];
        if (!topics.leads(shard)) {
            return error(partition, ErrorCodes.NOT_LEADER_OR_FOLLOWER);
        }
        final int epoch = shard.info.leaderEpoch();
        if (asked.currentLeaderEpoch() != NO_EPOCH && asked.currentLeaderEpoch() != epoch) {
            return error(partition, asked.currentLeaderEpoch() < epoch
                ? KafkaErrors.FENCED_LEADER_EPOCH : KafkaErrors.UNKNOWN_LEADER_EPOCH);
        }
        // what earlier leaders committed is not known again before this epoch has committed (KIP-207); asked before
        // anything is looked up, which then sees at least as much
        final boolean isEndKnown = shard.local.hasCommittedInEpoch();
        if (!isEndKnown
            && (asked.timestampMs() == ListOffsets.LATEST || asked.timestampMs() == ListOffsets.MAX_TIMESTAMP)) {
            return error(partition, endUnknown(version));
        }
        if (asked.timestampMs() >= 0 || asked.timestampMs() == ListOffsets.MAX_TIMESTAMP) {
            open.searches.add(new Search(open.reader(shard.local), shard, epoch, isEndKnown,
                topic.idInShard(partition), partition, asked.timestampMs(), target, target.size()));
            return error(partition, ErrorCodes.REQUEST_TIMED_OUT); // until it is found
        }
        final PartitionReader reader = shard.local.takeReader();
        try {
            return lookUp(reader, topic.idInShard(partition), asked, epoch);
        } catch (final UncheckedIOException ex) {
            return error(partition, ErrorCodes.KAFKA_STORAGE_ERROR);
        } finally {
            shard.local.giveBack(reader);
        }
    }

    private static short endUnknown(final int version) {
        return version >= OFFSET_NOT_AVAILABLE_MIN_VERSION
            ? KafkaErrors.OFFSET_NOT_AVAILABLE : KafkaErrors.LEADER_NOT_AVAILABLE;
    }

    private static boolean isUnsupported(final long timestampMs, final int version) {
        return timestampMs == ListOffsets.MAX_TIMESTAMP && version < 7
            || timestampMs == ListOffsets.EARLIEST_LOCAL && version < 8
            || timestampMs == ListOffsets.LATEST_TIERED && version < 9
            || timestampMs == ListOffsets.EARLIEST_PENDING_UPLOAD && version < 11
            || timestampMs < ListOffsets.EARLIEST_PENDING_UPLOAD;
    }

    /** Without tiered storage nothing is in it or on its way there, as Kafka answers then. */
    private static ListOffsets.ResponsePartition lookUp(final PartitionReader reader, final int idInShard,
        final ListOffsets.RequestPartition asked, final int epoch) {
        long offset = -1;
        if (asked.timestampMs() == ListOffsets.LATEST) {
            offset = Math.max(0, reader.highWatermark(idInShard));
        } else if (asked.timestampMs() == ListOffsets.EARLIEST || asked.timestampMs() == ListOffsets.EARLIEST_LOCAL) {
            offset = Math.max(0, reader.logStartOffset(idInShard));
        }
        return new ListOffsets.ResponsePartition(
            asked.partitionId(), ErrorCodes.NONE, -1, offset, offset < 0 ? NO_EPOCH : epoch);
    }

    private static ListOffsets.ResponsePartition error(final int partition, final short errorCode) {
        return new ListOffsets.ResponsePartition(partition, errorCode, -1, -1, NO_EPOCH);
    }

    /** One timestamp to look up, and where its answer goes. */
    private record Search(PartitionReader reader, ShardView shard, int epoch, boolean isEndKnown, int idInShard,
        int partitionId, long timestampMs, List<ListOffsets.ResponsePartition> target, int index) {
    }

    /** One request: run by the thread that looks records up, everything else by the network thread. */
    private final class Lookup implements Runnable, Deferred {
        private final List<ListOffsets.ResponseTopic> answers = new ArrayList<>();
        private final List<Search> searches = new ArrayList<>();
        private final List<LocalShard> shards = new ArrayList<>();
        private final List<PartitionReader> readers = new ArrayList<>();
        private final List<ListOffsets.ResponsePartition> found = new ArrayList<>();
        private final short version;
        private int partitionCount;
        /** Null once it is answered. */
        private ReplySlot slot;
        private volatile boolean isUnwanted;

        Lookup(final ReplySlot slot) {
            this.slot = slot;
            this.version = slot.apiVersion();
        }

        PartitionReader reader(final LocalShard shard) {
            for (int i = 0; i < shards.size(); i++) {
                if (shards.get(i) == shard) {
                    return readers.get(i);
                }
            }
            final PartitionReader reader = shard.takeReader();
            shards.add(shard);
            readers.add(reader);
            return reader;
        }

        @Override
        public void run() {
            try {
                for (int i = 0; i < searches.size() && !isUnwanted; i++) {
                    final Search search = searches.get(i);
                    found.add(lookup.find(search.reader, search.idInShard, search.partitionId, search.timestampMs));
                }
            } finally {
                done.offer(this); // never full: so many are not open at a time
                wakeUp.run();
            }
        }

        void finish() {
            giveBack();
            for (int i = 0; i < found.size(); i++) {
                final Search search = searches.get(i);
                final boolean leads = topics.leads(search.shard) && search.shard.info.leaderEpoch() == search.epoch;
                search.target.set(search.index, leads ? answer(search, found.get(i))
                    : error(search.partitionId, ErrorCodes.NOT_LEADER_OR_FOLLOWER));
            }
            if (slot != null) {
                complete();
            }
        }

        /** What is found stays the first of its kind; what is not found may lie where the commit mark is to come. */
        private ListOffsets.ResponsePartition answer(final Search search, final ListOffsets.ResponsePartition result) {
            final boolean isNothing = result.errorCode() == ErrorCodes.NONE && result.offset() < 0;
            return isNothing && !search.isEndKnown ? error(search.partitionId, endUnknown(version)) : result;
        }

        void giveBack() {
            for (int i = 0; i < shards.size(); i++) {
                shards.get(i).giveBack(readers.get(i));
            }
        }

        void fail(final short errorCode) {
            for (final Search search : searches) {
                search.target.set(search.index, error(search.partitionId, errorCode));
            }
            complete();
        }

        void complete() {
            final ReplySlot answered = slot;
            slot = null;
            answered.complete(ListOffsetsCodec.encode(version, new ListOffsets.Response(answers), answered));
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            isUnwanted = true;
            complete(); // with what is there; the rest timed out
        }
    }
}
