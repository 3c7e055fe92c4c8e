package io.millrace.system.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a history once and says what in it may not be. Owned by the checking thread. The final reader's events must
 * come after those of all sends. Memory: 16 bytes a record.
 */
public final class HistoryChecker implements HistorySink {
    private static final int FINDINGS_PER_KIND = 10;

    /** Where a consumer stands in a partition. */
    private static final class Cursor {
        private long nextOffset = HistoryEvent.NO_OFFSET;
        private int epoch = -1;
    }

    private final List<LaneState> lanes = new ArrayList<>();
    private final Map<Integer, PartitionState> partitions = new TreeMap<>();
    private final Map<Long, Cursor> cursors = new HashMap<>();
    private final Map<Anomaly, Long> anomalies = new EnumMap<>(Anomaly.class);
    private final List<String> findings = new ArrayList<>();
    private long sent;
    private long acked;
    private long failed;
    private long polled;
    private long drained;
    private long retriedTwice;
    private long ackedByLeader;
    private long lostByLeader;
    private long longestLeaderRun;

    /** A new history. */
    public HistoryChecker() {
    }

    @Override
    public void append(final HistoryEvent event) {
        if (event instanceof HistoryEvent.Send send) {
            onSend(send);
        } else if (event instanceof HistoryEvent.Poll poll) {
            onPoll(poll);
        } else if (event instanceof HistoryEvent.Marks marks) {
            onMarks(marks);
        } else if (event instanceof HistoryEvent.Seek seek) {
            cursors.remove(cursorKey(seek.process(), seek.partition()));
        } else if (event instanceof HistoryEvent.Leader leader) {
            onLeader(leader);
        } else if (event instanceof HistoryEvent.Drained end) {
            final PartitionState partition = partition(end.partition());
            partition.isDrained = true;
            partition.drainedEnd = end.endOffset();
        } else if (event instanceof HistoryEvent.Lane lane) {
            if (lane.lane() != lanes.size()) {
                throw new IllegalArgumentException("lanes begin in order: lane=" + lane.lane() + ", expected "
                    + lanes.size());
            }
            partition(lane.partition());
            lanes.add(new LaneState(lane));
        }
    }

    private PartitionState partition(final int partition) {
        return partitions.computeIfAbsent(partition, key -> new PartitionState());
    }

    private static long cursorKey(final int process, final int partition) {
        return (long) process << Integer.SIZE | partition;
    }

    private void onSend(final HistoryEvent.Send send) {
        final LaneState lane = lanes.get(send.lane());
        sent++;
        if (!lane.isSameCrc(send.sequence(), send.crc())) {
            find(Anomaly.CORRUPT, lane.name(send.sequence()) + " was read with another CRC than it was sent with");
        }
        lane.add(send.sequence(), LaneState.SENT);
        switch (send.outcome()) {
            case OK -> onAck(lane, send);
            case FAIL -> {
                failed++;
                lane.add(send.sequence(), LaneState.FAIL);
            }
            default -> { }
        }
    }

    private void onAck(final LaneState lane, final HistoryEvent.Send send) {
        acked++;
        lane.add(send.sequence(), LaneState.OK);
        if (!lane.guarantee.isCommitted()) {
            ackedByLeader++;
            return; // its offset may be taken by another one after a change of leaders
        }
        if (send.offset() == HistoryEvent.NO_OFFSET) {
            return;
        }
        final boolean isLater = send.sequence() > lane.lastAckedSequence;
        if (lane.lastAckedSequence >= 0 && isLater != send.offset() > lane.lastAckedOffset) {
            find(Anomaly.NONMONOTONIC_SEND, lane.name(send.sequence()) + " was acknowledged at offset "
                + send.offset() + ", sequence " + lane.lastAckedSequence + " at " + lane.lastAckedOffset);
        }
        if (isLater) {
            lane.lastAckedSequence = send.sequence();
            lane.lastAckedOffset = send.offset();
        }
        place(lane, send.sequence(), send.offset(), "acknowledged");
        partition(lane.partition).highWatermark.onKnown(send.endNs(), send.offset() + 1);
    }

    /** Somebody saw a record at an offset. */
    private void place(final LaneState lane, final long sequence, final long offset, final String how) {
        final PartitionState partition = partition(lane.partition);
        final long value = PartitionState.value(lane.lane, sequence);
        final long other = partition.values.get(offset);
        if (other == value) {
            return;
        }
        if (other != 0) {
            find(Anomaly.INCONSISTENT_OFFSETS, lane.name(sequence) + " " + how + " at offset " + offset
                + ", where " + PartitionState.name(other) + " was seen");
            return;
        }
        partition.values.set(offset, value);
        if (lane.has(sequence, LaneState.PLACED)) {
            onSecondPlace(lane, sequence, offset);
        }
        lane.add(sequence, LaneState.PLACED);
    }

    private void onSecondPlace(final LaneState lane, final long sequence, final long offset) {
        if (lane.guarantee == Guarantee.IDEMPOTENT) {
            find(Anomaly.DUPLICATE, lane.name(sequence) + " also at offset " + offset);
        } else if (!lane.has(sequence, LaneState.TWICE)) {
            retriedTwice++;
        }
        lane.add(sequence, LaneState.TWICE);
    }

    private void onPoll(final HistoryEvent.Poll poll) {
        if (poll.isDrain()) {
            drained++;
        } else {
            polled++;
        }
        final PartitionState partition = partition(poll.partition());
        partition.highWatermark.onKnown(poll.endNs(), poll.offset() + 1);
        onCursor(poll);
        final String where = "partition=" + poll.partition() + " offset=" + poll.offset() + " process="
            + poll.process() + ": ";
        if (poll.lane() < 0 || poll.lane() >= lanes.size()) {
            find(poll.lane() == HistoryEvent.NO_LANE ? Anomaly.CORRUPT : Anomaly.NEVER_SENT,
                where + "a payload that nobody sent so");
            return;
        }
        final LaneState lane = lanes.get(poll.lane());
        if (!lane.isPossible(poll.sequence())) {
            find(Anomaly.NEVER_SENT, where + lane.name(poll.sequence()));
            return;
        }
        if (poll.payloadPartition() != poll.partition() || lane.partition != poll.partition()) {
            find(Anomaly.MISROUTED, where + lane.name(poll.sequence()) + " was sent to partition "
                + poll.payloadPartition());
            return;
        }
        if (!lane.isSameCrc(poll.sequence(), poll.crc())) {
            find(Anomaly.CORRUPT, where + lane.name(poll.sequence()) + " has another CRC than elsewhere");
        }
        place(lane, poll.sequence(), poll.offset(), "read");
        if (poll.isDrain()) {
            onDrain(lane, poll);
        } else {
            lane.add(poll.sequence(), LaneState.POLLED);
        }
    }

    private void onCursor(final HistoryEvent.Poll poll) {
        final Cursor cursor =
            cursors.computeIfAbsent(cursorKey(poll.process(), poll.partition()), key -> new Cursor());
        final String where = "partition=" + poll.partition() + " process=" + poll.process() + " expected offset "
            + cursor.nextOffset + ", got " + poll.offset();
        if (cursor.nextOffset != HistoryEvent.NO_OFFSET && poll.offset() < cursor.nextOffset) {
            find(Anomaly.NONMONOTONIC_POLL, where);
        } else if (cursor.nextOffset != HistoryEvent.NO_OFFSET && poll.offset() > cursor.nextOffset) {
            find(poll.isDrain() ? Anomaly.NOT_DENSE : Anomaly.SKIPPED_POLL, where);
        }
        if (poll.epoch() < cursor.epoch && poll.offset() >= cursor.nextOffset) {
            find(Anomaly.EPOCH_REGRESSED, "partition=" + poll.partition() + " process=" + poll.process()
                + " offset=" + poll.offset() + " has epoch " + poll.epoch() + " behind epoch " + cursor.epoch);
        }
        cursor.nextOffset = poll.offset() + 1;
        cursor.epoch = poll.epoch();
    }

    private void onDrain(final LaneState lane, final HistoryEvent.Poll poll) {
        final long sequence = poll.sequence();
        if (lane.has(sequence, LaneState.DRAINED)) {
            return; // a second place of it, dealt with there
        }
        lane.add(sequence, LaneState.DRAINED);
        if (sequence < lane.lastDrainedSequence) {
            // what was given up and comes late, without idempotence, is the client's own doing
            if (lane.guarantee == Guarantee.IDEMPOTENT || lane.has(sequence, LaneState.OK)) {
                find(Anomaly.NONMONOTONIC_SEND, lane.name(sequence) + " stands behind sequence "
                    + lane.lastDrainedSequence);
            }
            return;
        }
        if (!lane.guarantee.isCommitted()) {
            final long lost = countLost(lane, lane.lastDrainedSequence + 1, sequence);
            if (lost > 0 && lane.lastDrainedSequence >= 0 && lane.lastDrainedEpoch == poll.epoch()) {
                find(Anomaly.LOST_NOT_A_SUFFIX, lane.name(lane.lastDrainedSequence + 1) + " and on, lost=" + lost
                    + ", and sequence " + sequence + " of the same epoch " + poll.epoch() + " is there");
            } else {
                onLeaderLoss(lost);
            }
        }
        lane.lastDrainedSequence = sequence;
        lane.lastDrainedEpoch = poll.epoch();
    }

    private static long countLost(final LaneState lane, final long from, final long to) {
        long lost = 0;
        for (long i = from; i < to; i++) {
            lost += lane.isLost(i) ? 1 : 0;
        }
        return lost;
    }

    private void onLeaderLoss(final long lost) {
        lostByLeader += lost;
        longestLeaderRun = Math.max(longestLeaderRun, lost);
    }

    private void onMarks(final HistoryEvent.Marks marks) {
        final PartitionState partition = partition(marks.partition());
        final long highWatermark = partition.highWatermark.knownBefore(marks.startNs());
        if (marks.highWatermark() < highWatermark) {
            find(Anomaly.WATERMARK_REGRESSED, "partition=" + marks.partition() + " high watermark="
                + marks.highWatermark() + ", known before the question: " + highWatermark);
        }
        final long logStart = partition.logStart.knownBefore(marks.startNs());
        if (marks.logStart() < logStart) {
            find(Anomaly.LOG_START_REGRESSED, "partition=" + marks.partition() + " log start=" + marks.logStart()
                + ", known before the question: " + logStart);
        }
        partition.highWatermark.onKnown(marks.endNs(), marks.highWatermark());
        partition.logStart.onKnown(marks.endNs(), marks.logStart());
    }

    private void onLeader(final HistoryEvent.Leader leader) {
        final Integer other = partition(leader.partition()).leaders.putIfAbsent(leader.epoch(), leader.node());
        if (other != null && other != leader.node()) {
            find(Anomaly.TWO_LEADERS, "partition=" + leader.partition() + " epoch=" + leader.epoch() + ": node "
                + other + " and node " + leader.node());
        }
    }

    /** {@return the verdict over everything so far; once} */
    public Verdict conclude() {
        final List<Integer> undrained = new ArrayList<>();
        partitions.forEach((id, partition) -> {
            if (!partition.isDrained) {
                undrained.add(id);
            } else if (partition.drainedEnd < partition.highWatermark.knownBefore(Long.MAX_VALUE)) {
                find(Anomaly.WATERMARK_REGRESSED, "partition=" + id + " ends at " + partition.drainedEnd
                    + ", known before: " + partition.highWatermark.knownBefore(Long.MAX_VALUE));
            }
        });
        long unknown = 0;
        long unknownPresent = 0;
        for (final LaneState lane : lanes) {
            if (!partition(lane.partition).isDrained) {
                continue;
            }
            for (long i = 0; i < lane.end; i++) {
                conclude(lane, i);
                if (lane.has(i, LaneState.SENT) && !lane.has(i, LaneState.OK | LaneState.FAIL)) {
                    unknown++;
                    unknownPresent += lane.has(i, LaneState.DRAINED) ? 1 : 0;
                }
            }
            if (!lane.guarantee.isCommitted()) {
                onLeaderLoss(countLost(lane, lane.lastDrainedSequence + 1, lane.end));
            }
        }
        return new Verdict(anomalies, List.copyOf(findings), sent, acked, failed, unknown, unknownPresent, polled,
            drained, retriedTwice, ackedByLeader, lostByLeader, longestLeaderRun, undrained);
    }

    private void conclude(final LaneState lane, final long sequence) {
        if (lane.guarantee.isCommitted() && lane.isLost(sequence)) {
            find(sequence < lane.lastDrainedSequence ? Anomaly.LOST_WRITE : Anomaly.UNSEEN, lane.name(sequence));
        }
        if (lane.has(sequence, LaneState.POLLED) && !lane.has(sequence, LaneState.DRAINED)) {
            find(Anomaly.LOST_AFTER_READ, lane.name(sequence));
        }
        final boolean isThere = lane.has(sequence, LaneState.POLLED | LaneState.DRAINED);
        if (isThere && lane.has(sequence, LaneState.FAIL)) {
            find(Anomaly.ABORTED_READ, lane.name(sequence));
        }
        if (isThere && !lane.has(sequence, LaneState.SENT)) {
            find(Anomaly.NEVER_SENT, lane.name(sequence));
        }
    }

    private void find(final Anomaly kind, final String what) {
        if (anomalies.merge(kind, 1L, Long::sum) <= FINDINGS_PER_KIND) {
            findings.add(kind + ": " + what);
        }
    }
}
