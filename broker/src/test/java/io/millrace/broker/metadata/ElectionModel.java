package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * What brokers hold in their logs, and what was committed, as far as the quorum's decisions allow: the yardstick for
 * its elections. A record is its leader epoch and a number of its own. Owned by the test.
 */
final class ElectionModel {
    /** One replica of one shard. */
    private static final class Log {
        final List<Long> records = new ArrayList<>();
        int syncedCount;
    }

    /** What the leader of an epoch may commit with. */
    private static final class Leadership {
        int epoch = -1;
        int epochStart;
        final List<Integer> proposed = new ArrayList<>();
        long proposedVersion;
        int openCount;
    }

    private final MetadataState state;
    private final IntPredicate isUp;
    private final IntPredicate isCurrent;
    private final Map<Integer, TreeMap<Integer, Log>> logsByShard = new TreeMap<>();
    private final Map<Integer, List<Long>> committedByShard = new TreeMap<>();
    private final Map<Integer, Leadership> leaderships = new HashMap<>();
    private final Map<Long, Integer> leaderByEpoch = new HashMap<>();
    private final Map<Integer, ShardInfo> seen = new TreeMap<>();
    private long nextRecord = 1;
    private long committedCount;
    private long electionCount;
    private long riskyCount;

    /**
     * For this quorum's state.
     *
     * @param isUp      whether a process runs as this broker; another never leads, whatever the quorum believes
     * @param isCurrent whether that is the one which the quorum knows
     */
    ElectionModel(final MetadataState state, final IntPredicate isUp, final IntPredicate isCurrent) {
        this.state = state;
        this.isCurrent = isCurrent;
        this.isUp = isUp;
    }

    long committedCount() {
        return committedCount;
    }

    long electionCount() {
        return electionCount;
    }

    long riskyCount() {
        return riskyCount;
    }

    private Log log(final int shardId, final int brokerId) {
        return logsByShard.computeIfAbsent(shardId, id -> new TreeMap<>())
            .computeIfAbsent(brokerId, id -> new Log());
    }

    private List<Long> committed(final int shardId) {
        return committedByShard.computeIfAbsent(shardId, id -> new ArrayList<>());
    }

    private Leadership leadership(final int shardId) {
        return leaderships.computeIfAbsent(shardId, id -> new Leadership());
    }

    // --- data

    void append(final ShardInfo shard) {
        log(shard.id(), shard.leader()).records.add((long) shard.leaderEpoch() << 32 | nextRecord++);
    }

    /** A follower aligns its log with the leader's and takes some of what it lacks. */
    void replicate(final ShardInfo shard, final int follower, final int count) {
        final Log from = log(shard.id(), shard.leader());
        final Log to = log(shard.id(), follower);
        final int common = commonCount(from.records, to.records);
        to.records.subList(common, to.records.size()).clear();
        to.syncedCount = Math.min(to.syncedCount, common);
        to.records.addAll(from.records.subList(common, Math.min(from.records.size(), common + count)));
    }

    /** Commits what every member of the ISR, and of one that may yet be accepted, holds. */
    void commit(final ShardInfo shard) {
        final List<Integer> isr = new ArrayList<>(shard.isr());
        final Leadership leadership = leadership(shard.id());
        if (leadership.proposedVersion == shard.isrVersion()) {
            isr.addAll(leadership.proposed);
        }
        if (shard.isr().size() < shard.shardClass().minInsyncReplicas()) {
            return;
        }
        final Log leader = log(shard.id(), shard.leader());
        int count = leader.records.size();
        for (final int member : isr) {
            count = Math.min(count, commonCount(leader.records, log(shard.id(), member).records));
        }
        final List<Long> committed = committed(shard.id());
        if (count > committed.size() && count > leadership.epochStart) {
            for (int i = committed.size(); i < count; i++) {
                committed.add(leader.records.get(i));
                committedCount++;
            }
            if (shard.shardClass().profile() == DurabilityProfile.DURABLE) {
                isr.forEach(member -> sync(shard.id(), member));
            }
        }
    }

    void sync(final int shardId, final int brokerId) {
        final Log log = log(shardId, brokerId);
        log.syncedCount = log.records.size();
    }

    /** {@return whether the leader may propose this follower for the ISR} */
    boolean hasCaughtUp(final ShardInfo shard, final int follower) {
        final Log to = log(shard.id(), follower);
        int common = commonCount(log(shard.id(), shard.leader()).records, to.records);
        if (shard.shardClass().profile() == DurabilityProfile.DURABLE) {
            common = Math.min(common, to.syncedCount); // an ack says what is on the disk
        }
        return common >= committed(shard.id()).size() && common > leadership(shard.id()).epochStart;
    }

    void proposed(final ShardInfo shard, final List<Integer> isr) {
        final Leadership leadership = leadership(shard.id());
        if (leadership.proposedVersion != shard.isrVersion()) {
            leadership.proposed.clear();
            leadership.openCount = 0;
        }
        leadership.proposedVersion = shard.isrVersion();
        leadership.proposed.addAll(isr);
        leadership.openCount++;
    }

    /** The leader hears that the quorum has refused one proposal for good. */
    void refused(final MetadataCommand.ChangeIsr proposal) {
        final Leadership leadership = leadership(proposal.shardId());
        if (leadership.epoch == proposal.leaderEpoch() && leadership.proposedVersion == proposal.isrVersion()
            && --leadership.openCount == 0) {
            leadership.proposed.clear();
        }
    }

    /** The machine of this broker lost its power. */
    void cutPower(final int brokerId) {
        logsByShard.values().forEach(logs -> {
            final Log log = logs.get(brokerId);
            if (log != null) {
                log.records.subList(log.syncedCount, log.records.size()).clear();
            }
        });
    }

    /** A log is found damaged when its broker starts. */
    void damage(final int shardId, final int brokerId, final int count) {
        final Log log = log(shardId, brokerId);
        log.records.subList(Math.min(count, log.records.size()), log.records.size()).clear();
        log.syncedCount = log.records.size();
    }

    ShardReport report(final int shardId, final int brokerId, final boolean damaged) {
        final List<Long> records = log(shardId, brokerId).records;
        final int epoch = records.isEmpty() ? -1 : (int) (records.get(records.size() - 1) >> 32);
        return new ShardReport(shardId, epoch, records.size(), damaged);
    }

    private static int commonCount(final List<Long> some, final List<Long> others) {
        int count = 0;
        while (count < some.size() && count < others.size() && some.get(count).equals(others.get(count))) {
            count++;
        }
        return count;
    }

    // --- checks

    /** After each decision. */
    void check() {
        for (final ShardInfo shard : state.shards()) {
            final ShardInfo before = seen.put(shard.id(), shard);
            if (shard != before) {
                checkShape(shard);
                if (before != null) {
                    checkChange(before, shard);
                }
                if (shard.hasLeader() && (before == null || before.leaderEpoch() != shard.leaderEpoch())) {
                    onElected(before, shard);
                }
            }
            checkMembers(shard);
        }
    }

    private void checkShape(final ShardInfo shard) {
        final String text = shard.toString();
        for (final List<Integer> members : List.of(shard.isr(), shard.eligible(), shard.lastIsr())) {
            assertEquals(members.stream().sorted().distinct().toList(), members, text);
            assertTrue(shard.replicas().containsAll(members), text);
        }
        assertFalse(shard.isr().isEmpty(), text);
        assertTrue(shard.lastIsr().containsAll(shard.isr()), text);
        assertTrue(shard.eligible().stream().noneMatch(shard.isr()::contains), text);
        assertTrue(shard.eligible().isEmpty() || shard.isr().size() < shard.shardClass().minInsyncReplicas(), text);
        assertTrue(!shard.hasLeader() || shard.isr().contains(shard.leader()), text);
        assertFalse(shard.waiting() && shard.hasLeader(), text);
        if (shard.hasLeader()) {
            final long key = (long) shard.id() << 32 | shard.leaderEpoch();
            final Integer leader = leaderByEpoch.putIfAbsent(key, shard.leader());
            assertTrue(leader == null || leader == shard.leader(), "two leaders in one epoch: " + text);
        }
    }

    private static void checkChange(final ShardInfo before, final ShardInfo shard) {
        final String text = before + " -> " + shard;
        assertTrue(shard.leaderEpoch() >= before.leaderEpoch(), text);
        assertTrue(shard.leader() == before.leader() || shard.leaderEpoch() > before.leaderEpoch(), text);
        assertTrue(shard.isrVersion() > before.isrVersion() || shard.isr().equals(before.isr())
            && shard.leaderEpoch() == before.leaderEpoch() && shard.eligible().equals(before.eligible()), text);
    }

    private void checkMembers(final ShardInfo shard) {
        final List<Long> committed = committed(shard.id());
        for (final int member : shard.replicas()) {
            final boolean holds = shard.isr().contains(member) || shard.eligible().contains(member);
            if (holds && !shard.waiting() && isCurrent.test(member) && state.isLive(member)) {
                assertEquals(committed.size(), commonCount(log(shard.id(), member).records, committed),
                    "broker " + member + " lacks committed records: " + shard);
            }
        }
        if (shard.hasLeader()) {
            assertTrue(state.isLive(shard.leader()), "dead leader: " + shard);
            for (final int member : shard.isr()) {
                assertTrue(state.isLive(member), "fenced member: " + shard);
                assertTrue(member == shard.leader() || !state.broker(member).shuttingDown(), "leaves: " + shard);
            }
        }
    }

    private void onElected(final ShardInfo before, final ShardInfo shard) {
        electionCount++;
        final Log leader = log(shard.id(), shard.leader());
        final List<Long> committed = committed(shard.id());
        final int common = commonCount(leader.records, committed);
        if (before == null || before.elections().equals(shard.elections())) {
            assertTrue(committed.size() == common || !isUp.test(shard.leader()),
                "the new leader lacks committed records: " + before + " -> " + shard);
        } else {
            riskyCount++;
            final boolean durable = shard.shardClass().profile() == DurabilityProfile.DURABLE;
            final int kept = durable ? Math.min(common, leader.syncedCount) : common; // the rest is not safe yet
            committed.subList(kept, committed.size()).clear();
            if (before.elections().powerCut() != shard.elections().powerCut()) {
                assertTrue(before.waiting(), before.toString());
                final ShardReport best = state.report(shard.leader(), shard.id());
                for (final int member : before.lastIsr()) {
                    final ShardReport other = state.report(member, shard.id());
                    assertTrue(other.damaged() || !other.isAheadOf(best), shard + " " + other);
                }
            }
        }
        if (!isUp.test(shard.leader())) {
            return;
        }
        final Leadership leadership = leadership(shard.id());
        leadership.epoch = shard.leaderEpoch();
        leadership.epochStart = leader.records.size();
        leadership.proposed.clear();
        leadership.proposedVersion = 0;
        leadership.openCount = 0;
        append(shard); // the epoch's first frame
    }

    /** With every broker up: nobody may wait for anything but an operator. */
    void checkAllLed() {
        for (final ShardInfo shard : state.shards()) {
            if (!shard.waiting()) {
                assertTrue(shard.hasLeader(), "nobody leads: " + shard);
            } else if (shard.shardClass().profile() == DurabilityProfile.REPLICATED) {
                assertTrue(shard.isr().stream().anyMatch(id -> state.report(id, shard.id()).damaged()),
                    "waits in vain: " + shard);
            }
        }
    }
}
