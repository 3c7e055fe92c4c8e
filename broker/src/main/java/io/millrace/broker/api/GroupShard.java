package io.millrace.broker.api;

import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupErrors;
import io.millrace.broker.group.GroupRecord;
import io.millrace.broker.shard.LocalShard;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One partition of the offsets topic on this node: nothing while another leads it, else its coordinator. Owned by the
 * network thread.
 */
final class GroupShard {
    /** A snapshot is written when so much was written since the last one began. */
    private static final long SNAPSHOT_INTERVAL_LENGTH = 16L << 20;
    /** Batches under way beside which a snapshot adds no more. */
    private static final int SNAPSHOT_UNCOMMITTED_COUNT = 8;
    private static final long RETRY_MS = 1000;
    /** How long members wait for a coordinator that may not answer as a leader; then they are to look for another. */
    private static final long LEASE_PATIENCE_MS = 3000;
    private static final long HELD = Long.MIN_VALUE;

    /** Makes the parts of a coordinator, new for each time it is loaded. */
    interface Parts {
        GroupLog log(LocalShard shard, int partitionId);

        GroupCoordinator coordinator(GroupLog log);

        /** Everything before this offset of a partition is dead. */
        void onDead(LocalShard shard, int partitionId, long offset);

        void warn(String message);

        long nowMs();
    }

    private final Parts parts;
    private final TopicDirectory topics;
    private final ShardView view;
    private final int partition;
    private final int partitionId;
    private int epoch = -1;
    private LocalShard local;
    private GroupLog log;
    private GroupCoordinator coordinator;
    private GroupLoader loader;
    private boolean isActive;
    private long retryMs;
    private long leaseLostMs = HELD;
    /** Of the log before {@link #log}; its outcomes are waited for before the partition is read again. */
    private GroupLog formerLog;
    private long snapshotFromLength;
    private String snapshotAfterId;
    private boolean isSnapshotEnding;
    private boolean isSnapshotCommitted;
    /** The last request that named a group of this partition. */
    long askedBy = -1;

    GroupShard(final Parts parts, final TopicDirectory topics, final TopicView topic, final int partition) {
        this.parts = parts;
        this.topics = topics;
        this.partition = partition;
        view = topic.shards[partition];
        partitionId = topic.idInShard(partition);
    }

    /** {@return 0 when requests can be answered here that change nothing, else the error to answer} */
    short checkRead() {
        if (!topics.leads(view)) {
            return GroupErrors.NOT_COORDINATOR;
        }
        return isActive ? GroupErrors.NONE : GroupErrors.COORDINATOR_LOAD_IN_PROGRESS;
    }

    /**
     * {@return 0 when fetches of offsets can be answered here, else the error to answer}
     *
     * <p>While the lease may yet come back, or this node is named as the leader and only has to begin, they are to be
     * tried here again: see {@link GroupHandler}'s fetches for who would give up on any other error.
     */
    short checkFetch() {
        final boolean isSoon = view.isLedHere() ? isActive : topics.isNamed(view);
        return isSoon && !topics.leads(view) ? GroupErrors.COORDINATOR_LOAD_IN_PROGRESS : checkRead();
    }

    /** {@return 0 when requests can be answered here, else the error to answer} */
    short check() {
        final short error = checkRead();
        return error == GroupErrors.NONE && log.isFull() ? GroupErrors.COORDINATOR_NOT_AVAILABLE : error;
    }

    /** {@return 0 when requests can be answered here that change offsets, else the error to answer} */
    short checkCommit() {
        final short error = check();
        return error == GroupErrors.NONE && !hasEnoughReplicas() ? GroupErrors.COORDINATOR_NOT_AVAILABLE : error;
    }

    /** What cannot be kept now is better not taken; the members' own changes wait for the replicas. */
    private boolean hasEnoughReplicas() {
        return view.info.isr().size() >= view.info.shardClass().minInsyncReplicas();
    }

    /** {@return the coordinator, to be used only after {@link #check}} */
    GroupCoordinator coordinator() {
        return coordinator;
    }

    /** {@return bytes that its groups take in memory, roughly} */
    long usedLength() {
        return coordinator == null ? 0 : coordinator.usedLength();
    }

    boolean isActive() {
        return isActive;
    }

    /** Holds an answer back until what it rests on is committed, but not for long. */
    <R> void answer(final R response, final Consumer<R> reply, final Consumer<Short> refusal) {
        answer(response, log.number(), reply, refusal);
    }

    /** The same where it rests on records up to one with that number only. */
    <R> void answer(final R response, final long number, final Consumer<R> reply, final Consumer<Short> refusal) {
        log.soonWhenCommitted(held(response, reply, refusal), number, parts.nowMs());
    }

    private static <R> GroupLog.Held held(
        final R response, final Consumer<R> reply, final Consumer<Short> refusal) {
        return new GroupLog.Held() {
            @Override
            public void onCommitted() {
                reply.accept(response);
            }

            @Override
            public void onLost(final short error) {
                refusal.accept(error);
            }
        };
    }

    /** Asks the coordinator, if there is one here, and answers when that may be. */
    <R> void ask(final GroupCall<R> call, final Function<GroupCoordinator, R> question) {
        final short error = check();
        if (error != GroupErrors.NONE) {
            call.refuse(error);
        } else {
            answer(question.apply(coordinator), call::answer, call::refuse);
        }
    }

    int doWork() {
        if (!view.isLedHere() || view.local.leadingEpoch() != epoch) {
            if (epoch != -1) {
                close(GroupErrors.NOT_COORDINATOR);
                epoch = -1;
            }
            if (!view.isLedHere()) {
                return 0;
            }
            epoch = view.local.leadingEpoch();
            retryMs = parts.nowMs();
        }
        if (!isActive) {
            return load();
        }
        if (isLeaseGone()) {
            close(GroupErrors.NOT_COORDINATOR); // to be loaded again should the lease come back
            return 1;
        }
        int work = coordinator.nextTickMs() <= parts.nowMs() && topics.leads(view) ? coordinator.tick() : 0;
        work += snapshot();
        if (hasEnoughReplicas()) {
            work += log.send(parts.nowMs());
        } else {
            log.tryOne();
        }
        work += log.expire(parts.nowMs());
        if (log.isLost()) {
            close(GroupErrors.NOT_COORDINATOR);
            retryMs = parts.nowMs() + RETRY_MS; // unless it leads anew before
        }
        return work;
    }

    /** Whoever waits here would wait for as long as this node is cut off, while another may lead already. */
    private boolean isLeaseGone() {
        if (topics.leads(view)) {
            leaseLostMs = HELD;
            return false;
        }
        if (leaseLostMs == HELD) {
            leaseLostMs = parts.nowMs();
        }
        return parts.nowMs() - leaseLostMs >= LEASE_PATIENCE_MS;
    }

    private int load() {
        if (loader == null) {
            if (!topics.leads(view) || parts.nowMs() < retryMs || !view.local.hasCommittedInEpoch()
                || formerLog != null && formerLog.inFlightCount() > 0) {
                return 0;
            }
            formerLog = null;
            local = view.local;
            log = parts.log(local, partitionId);
            coordinator = parts.coordinator(log);
            loader = new GroupLoader(local, partitionId, coordinator);
        }
        final boolean isDone = loader.step();
        if (loader.problem() != null) {
            parts.warn("partition " + partition + " of the offsets topic cannot be loaded: " + loader.problem());
            loader = null;
            retryMs = parts.nowMs() + RETRY_MS;
            return 0;
        }
        if (loader.isOutrun()) {
            loader = null; // and all that it has read: what is left of the log brings the groups back by itself
            return 1;
        }
        if (isDone) {
            snapshotFromLength = -loader.readLength();
            snapshotAfterId = null;
            isSnapshotEnding = false;
            loader = null;
            leaseLostMs = HELD;
            isActive = true;
            coordinator.start();
        }
        return 1;
    }

    /** Forgets what it knows, which may be half changed, and reads it again after a while. */
    void distrust() {
        retryMs = parts.nowMs() + RETRY_MS;
        close(GroupErrors.COORDINATOR_NOT_AVAILABLE);
    }

    private void close(final short error) {
        try {
            if (isActive) {
                isActive = false;
                formerLog = log;
                refuseAll(error);
            }
        } finally {
            loader = null;
            coordinator = null;
            log = null;
        }
    }

    private void refuseAll(final short error) {
        try {
            coordinator.refuseAll(error);
        } finally {
            log.lose(error);
        }
    }

    /**
     * Writes what every group is now, a part of it in each duty cycle, among what else is written. Once that is
     * committed, everything before its first record is dead: of each group there is something newer behind it.
     */
    private int snapshot() {
        if (isSnapshotEnding) {
            if (isSnapshotCommitted && log.markedOffset() >= 0) {
                isSnapshotEnding = false;
                parts.onDead(local, partitionId, log.markedOffset());
                snapshotFromLength = log.committedLength(); // its own records are no reason for the next one
            }
            return 0;
        }
        if (snapshotAfterId == null) {
            if (log.committedLength() - snapshotFromLength < SNAPSHOT_INTERVAL_LENGTH) {
                return 0;
            }
            snapshotFromLength = log.committedLength();
            snapshotAfterId = "";
            log.mark();
        }
        if (log.uncommittedCount() >= SNAPSHOT_UNCOMMITTED_COUNT || log.isFull()) {
            return 0;
        }
        final GroupCoordinator.Snapshot next = coordinator.snapshotAfter(snapshotAfterId);
        if (next == null) {
            endSnapshot();
        } else {
            for (final GroupRecord record : next.records()) {
                log.append(record);
            }
            snapshotAfterId = next.groupId();
        }
        return 1;
    }

    private void endSnapshot() {
        snapshotAfterId = null;
        isSnapshotEnding = true;
        isSnapshotCommitted = false;
        log.whenCommitted(held(Boolean.TRUE, committed -> isSnapshotCommitted = committed, lost -> { }));
    }
}
