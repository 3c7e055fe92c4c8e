package io.millrace.system.history;

import io.millrace.system.history.HistoryEvent.Drained;
import io.millrace.system.history.HistoryEvent.Lane;
import io.millrace.system.history.HistoryEvent.Leader;
import io.millrace.system.history.HistoryEvent.Marks;
import io.millrace.system.history.HistoryEvent.Poll;
import io.millrace.system.history.HistoryEvent.Send;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Puts one anomaly into a good history. Owned by the test's thread. */
final class HistoryMutator {
    private final List<HistoryEvent> events;
    private final SplittableRandom random;

    HistoryMutator(final List<HistoryEvent> events, final long seed) {
        this.events = events;
        random = new SplittableRandom(~seed);
    }

    /** {@return the changed history, or null when this one has no place for it} */
    List<HistoryEvent> mutate(final Anomaly kind) {
        final boolean isDone = switch (kind) {
            case LOST_WRITE -> replaceByUnknown(pick(i -> isDrain(i) && isLane(i, Guarantee.COMMITTED)
                && isAcked(i) && hasLaterDrain(i) && count(i, true) == 1), true);
            case UNSEEN -> cutEnd();
            case LOST_AFTER_READ -> replaceByUnknown(pick(i -> isDrain(i) && count(i, true) == 1
                && count(i, false) > 0), false);
            case LOST_NOT_A_SUFFIX -> replaceByUnknown(pick(i -> isDrain(i) && isLane(i, Guarantee.LEADER)
                && isAcked(i) && count(i, true) == 1 && isWithinEpoch(i)), true);
            case ABORTED_READ -> refuse(pick(i -> isDrain(i) && isAcked(i)));
            case INCONSISTENT_OFFSETS -> readAnother();
            case DUPLICATE -> appendAgain();
            case NONMONOTONIC_POLL -> insertAfter(pick(i -> isPoll(i)));
            case SKIPPED_POLL -> skip();
            case NONMONOTONIC_SEND -> swapInLog();
            case CORRUPT -> change(pick(i -> events.get(i) instanceof Poll), 0, 1);
            case MISROUTED -> change(pick(i -> events.get(i) instanceof Poll), 1, 0);
            case NEVER_SENT -> inventOne();
            case WATERMARK_REGRESSED -> regress(true);
            case LOG_START_REGRESSED -> regress(false);
            case NOT_DENSE -> leaveOut();
            case EPOCH_REGRESSED -> regressEpoch();
            case TWO_LEADERS -> secondLeader();
        };
        return isDone ? events : null;
    }

    private int pick(final IntPredicate condition) {
        final List<Integer> found = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            if (condition.test(i)) {
                found.add(i);
            }
        }
        return found.isEmpty() ? -1 : found.get(random.nextInt(found.size()));
    }

    private boolean isDrain(final int i) {
        return events.get(i) instanceof Poll poll && poll.isDrain();
    }

    private boolean isPoll(final int i) {
        return events.get(i) instanceof Poll poll && !poll.isDrain();
    }

    private Poll poll(final int i) {
        return (Poll) events.get(i);
    }

    private Lane lane(final int lane) {
        return (Lane) events.get(lane); // they come first
    }

    private boolean isLane(final int i, final Guarantee guarantee) {
        return lane(poll(i).lane()).guarantee() == guarantee;
    }

    private boolean isSendOf(final HistoryEvent event, final Poll poll) {
        return event instanceof Send send && send.lane() == poll.lane() && send.sequence() == poll.sequence();
    }

    private boolean isSame(final HistoryEvent event, final Poll poll) {
        return event instanceof Poll other && other.lane() == poll.lane() && other.sequence() == poll.sequence();
    }

    private boolean isAcked(final int i) {
        return events.stream().anyMatch(event -> isSendOf(event, poll(i)) && ((Send) event).outcome() == Outcome.OK);
    }

    private boolean hasLaterDrain(final int i) {
        return any(event -> event instanceof Poll other && other.isDrain() && other.lane() == poll(i).lane()
            && other.sequence() > poll(i).sequence());
    }

    private boolean any(final Predicate<HistoryEvent> condition) {
        return events.stream().anyMatch(condition);
    }

    private long count(final int i, final boolean isDrain) {
        return events.stream().filter(event -> isSame(event, poll(i)) && ((Poll) event).isDrain() == isDrain).count();
    }

    /** Its lane's neighbours in the log are of the same epoch. */
    private boolean isWithinEpoch(final int i) {
        final Poll poll = poll(i);
        Poll before = null;
        Poll after = null;
        for (final HistoryEvent event : events) {
            if (event instanceof Poll other && other.isDrain() && other.lane() == poll.lane()) {
                before = other.sequence() < poll.sequence() ? other : before;
                after = other.sequence() > poll.sequence() && after == null ? other : after;
            }
        }
        return before != null && after != null && before.epoch() == after.epoch();
    }

    /** Where a record was, there is another one, of a lane of its own, whose outcome nobody knows. */
    private boolean replaceByUnknown(final int i, final boolean isEverywhere) {
        if (i < 0) {
            return false;
        }
        final Poll lost = poll(i);
        int laneCount = 0;
        while (events.get(laneCount) instanceof Lane) {
            laneCount++;
        }
        final Poll other = new Poll(0, 0, 0, 0, 0, 0, laneCount, 0, lost.partition(), 77, true);
        for (int j = 0; j < events.size(); j++) {
            final HistoryEvent event = events.get(j);
            if (isSame(event, lost) && (isEverywhere || ((Poll) event).isDrain())) {
                events.set(j, ((Poll) event).withValue(other));
            } else if (isSendOf(event, lost)) {
                final Send send = (Send) event;
                events.set(j, new Send(send.lane(), send.sequence(), send.startNs(), send.endNs(), send.outcome(),
                    HistoryEvent.NO_OFFSET, send.crc()));
            }
        }
        events.add(laneCount, new Lane(laneCount, 7, lost.partition(), Guarantee.COMMITTED));
        events.add(laneCount + 1, new Send(laneCount, 0, 1, 2, Outcome.INFO, HistoryEvent.NO_OFFSET, 77));
        return true;
    }

    private boolean cutEnd() {
        final int end = pick(i -> events.get(i) instanceof Drained && events.get(i - 1) instanceof Poll
            && isAcked(i - 1) && !isLane(i - 1, Guarantee.LEADER) && count(i - 1, true) == 1);
        if (end < 0) {
            return false;
        }
        final Poll last = poll(end - 1);
        events.set(end, new Drained(last.partition(), last.offset()));
        events.removeIf(event -> isSame(event, last));
        return true;
    }

    private boolean refuse(final int i) {
        if (i < 0) {
            return false;
        }
        final Poll poll = poll(i);
        events.replaceAll(event -> isSendOf(event, poll) && event instanceof Send send
            ? new Send(send.lane(), send.sequence(), send.startNs(), send.endNs(), Outcome.FAIL,
                HistoryEvent.NO_OFFSET, send.crc())
            : event);
        return true;
    }

    private boolean readAnother() {
        final int i = pick(j -> isPoll(j));
        if (i < 0) {
            return false;
        }
        final int j = pick(other -> events.get(other) instanceof Poll poll && poll.partition() == poll(i).partition()
            && poll.offset() != poll(i).offset() && !isSame(poll, poll(i)));
        if (j < 0) {
            return false;
        }
        events.set(i, poll(i).withValue(poll(j)));
        return true;
    }

    private boolean appendAgain() {
        final int end = pick(i -> events.get(i) instanceof Drained && isDrain(i - 1)
            && isLane(i - 1, Guarantee.IDEMPOTENT));
        if (end < 0) {
            return false;
        }
        final Poll last = poll(end - 1);
        final int again = pick(i -> isDrain(i) && poll(i).partition() == last.partition());
        events.set(end, new Drained(last.partition(), last.offset() + 2));
        events.add(end, new Poll(last.process(), last.partition(), last.startNs(), last.endNs(), last.offset() + 1,
            last.epoch(), 0, 0, 0, 0, true).withValue(poll(again)));
        return true;
    }

    private boolean insertAfter(final int i) {
        if (i < 0) {
            return false;
        }
        events.add(i + 1, events.get(i));
        return true;
    }

    private boolean skip() {
        final int i = pick(j -> j > 0 && j + 1 < events.size() && isPoll(j - 1) && isPoll(j) && isPoll(j + 1)
            && poll(j - 1).process() == poll(j + 1).process() && poll(j - 1).partition() == poll(j + 1).partition()
            && poll(j - 1).offset() + 2 == poll(j + 1).offset());
        if (i >= 0) {
            events.remove(i);
        }
        return i >= 0;
    }

    /** Two neighbours of a lane change places wherever they were read; nobody told their offsets. */
    private boolean swapInLog() {
        final int i = pick(j -> isDrain(j) && isLane(j, Guarantee.IDEMPOTENT)
            && any(event -> event instanceof Poll next && next.isDrain() && next.lane() == poll(j).lane()
                && next.sequence() == poll(j).sequence() + 1));
        if (i < 0) {
            return false;
        }
        final Poll one = poll(i);
        final Poll two = (Poll) events.stream().filter(event -> event instanceof Poll next && next.isDrain()
            && next.lane() == one.lane() && next.sequence() == one.sequence() + 1).findFirst().orElseThrow();
        events.replaceAll(event -> {
            if (isSame(event, one)) {
                return ((Poll) event).withValue(two);
            }
            if (isSame(event, two)) {
                return ((Poll) event).withValue(one);
            }
            return (isSendOf(event, one) || isSendOf(event, two)) && event instanceof Send send
                ? new Send(send.lane(), send.sequence(), send.startNs(), send.endNs(), send.outcome(),
                    HistoryEvent.NO_OFFSET, send.crc())
                : event;
        });
        return true;
    }

    private boolean change(final int i, final int partitionBy, final int crcBy) {
        if (i < 0) {
            return false;
        }
        final Poll poll = poll(i);
        events.set(i, new Poll(poll.process(), poll.partition(), poll.startNs(), poll.endNs(), poll.offset(),
            poll.epoch(), poll.lane(), poll.sequence(), poll.payloadPartition() + partitionBy, poll.crc() + crcBy,
            poll.isDrain()));
        return true;
    }

    private boolean inventOne() {
        final int i = pick(j -> isDrain(j));
        if (i < 0) {
            return false;
        }
        final Poll poll = poll(i);
        events.set(i, new Poll(poll.process(), poll.partition(), poll.startNs(), poll.endNs(), poll.offset(),
            poll.epoch(), poll.lane(), poll.sequence() + random.nextLong(1_000, 1L << 40), poll.partition(), 5, true));
        return true;
    }

    private boolean regress(final boolean isHighWatermark) {
        final int i = pick(j -> events.get(j) instanceof Marks marks && marks.highWatermark() > 0);
        if (i < 0) {
            return false;
        }
        final Marks marks = (Marks) events.get(i);
        final long laterNs = marks.endNs() + 10_000_000;
        final Marks good = isHighWatermark ? marks : new Marks(marks.partition(), marks.startNs(), marks.endNs(), 3,
            marks.highWatermark());
        events.set(i, good);
        events.add(i + 1, new Marks(marks.partition(), laterNs, laterNs, isHighWatermark ? 0 : 2,
            marks.highWatermark() - (isHighWatermark ? 1 : 0)));
        return true;
    }

    private boolean leaveOut() {
        final int i = pick(j -> j > 0 && isDrain(j - 1) && isDrain(j) && j + 1 < events.size() && isDrain(j + 1)
            && poll(j - 1).partition() == poll(j + 1).partition());
        if (i >= 0) {
            events.remove(i);
        }
        return i >= 0;
    }

    private boolean regressEpoch() {
        final int i = pick(j -> j > 0 && isDrain(j) && isDrain(j - 1)
            && poll(j).partition() == poll(j - 1).partition());
        if (i < 0) {
            return false;
        }
        final Poll poll = poll(i);
        events.set(i, new Poll(poll.process(), poll.partition(), poll.startNs(), poll.endNs(), poll.offset(),
            poll(i - 1).epoch() - 1, poll.lane(), poll.sequence(), poll.payloadPartition(), poll.crc(), true));
        return true;
    }

    private boolean secondLeader() {
        final int i = pick(j -> events.get(j) instanceof Leader);
        final Leader leader = (Leader) events.get(i);
        events.add(random.nextInt(i + 1, events.size()),
            new Leader(leader.partition(), leader.epoch(), leader.node() + 1));
        return true;
    }
}
