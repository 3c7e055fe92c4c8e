package io.millrace.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the members of one group said of themselves, what was done to them, and which committed offsets an observer saw,
 * on one monotonic clock; and what must not be in such a history. Any thread.
 *
 * <p>A tenure is the time from the moment that a member is told it has a partition until it gives it back. Members that
 * have fallen silent learn late that they have lost theirs: only such tenures may overlap with the next one, and no
 * commit of theirs may count any more.
 */
final class GroupHistory {
    private static final long NEVER = Long.MAX_VALUE;

    /** How a tenure ended. */
    private enum End {
        OPEN, REVOKED, LOST, KILLED
    }

    /** What became of a commit. */
    private enum Outcome {
        UNKNOWN, DONE, REFUSED
    }

    /** One member's time with one partition. */
    private static final class Tenure {
        private final String member;
        private final int partition;
        private final long fromNs;
        private long toNs = NEVER;
        private End end = End.OPEN;
        private long firstOffset = -1;
        private long firstReadNs;
        private long nextOffset = -1;

        Tenure(final String member, final int partition, final long fromNs) {
            this.member = member;
            this.partition = partition;
            this.fromNs = fromNs;
        }

        @Override
        public String toString() {
            return member + " (" + fromNs + " to " + (end == End.OPEN ? "now" : toNs + " " + end) + ")";
        }
    }

    /** One member's commit in one partition; what an observer saw is one that was done. */
    private static final class Commit {
        private final String member;
        private final int partition;
        private final long offset;
        private final long fromNs;
        private long toNs = NEVER;
        private Outcome outcome = Outcome.UNKNOWN;

        Commit(final String member, final int partition, final long offset, final long fromNs) {
            this.member = member;
            this.partition = partition;
            this.offset = offset;
            this.fromNs = fromNs;
        }

        @Override
        public String toString() {
            return offset + " by " + member + " (" + fromNs + " to " + (toNs == NEVER ? "?" : toNs) + ")";
        }
    }

    private final int partitionCount;
    private final List<Tenure> tenures = new ArrayList<>();
    private final Map<String, Map<Integer, Tenure>> open = new HashMap<>();
    private final List<Commit> commits = new ArrayList<>();
    private final Map<String, List<Commit>> underWay = new HashMap<>();
    private final List<Commit> observed = new ArrayList<>();
    private final Map<Integer, Map<Integer, String>> owners = new TreeMap<>();
    private final Map<String, Integer> epochs = new HashMap<>();
    private final Map<String, List<long[]>> pauses = new HashMap<>();
    private final List<long[]> outages = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private int unexplainedLossCount;

    GroupHistory(final int partitionCount) {
        this.partitionCount = partitionCount;
    }

    // what happens

    /**
     * Takes in one line of a member: {@code assigned NS EPOCH ID ADDED ALL}, {@code revoked NS P,P}, {@code lost NS
     * P,P}, {@code read NS P FROM TO} (offsets FROM to TO - 1), {@code committing NS P:OFFSET,...}, then one of {@code
     * committed NS}, {@code refused NS}, {@code unknown NS}; and {@code closed NS}.
     */
    synchronized void hear(final String member, final String line) {
        final String[] words = line.split(" ");
        final long ns = Long.parseLong(words[1]);
        switch (words[0]) {
            case "assigned" -> assigned(member, ns, words);
            case "revoked" -> partitions(words[2]).forEach(partition -> end(member, partition, ns, End.REVOKED));
            case "lost" -> partitions(words[2]).forEach(partition -> end(member, partition, ns, End.LOST));
            case "read" -> read(member, ns, words);
            case "committing" -> committing(member, ns, words[2]);
            case "committed" -> committed(member, ns, Outcome.DONE);
            case "refused" -> committed(member, ns, Outcome.REFUSED);
            case "unknown" -> committed(member, ns, Outcome.UNKNOWN);
            case "closed" -> open.remove(member);
            default -> throw new IllegalArgumentException("not a line of a member: " + line);
        }
    }

    private static List<Integer> partitions(final String text) {
        final List<Integer> result = new ArrayList<>();
        if (!"-".equals(text)) {
            for (final String partition : text.split(",")) {
                result.add(Integer.parseInt(partition));
            }
        }
        return result;
    }

    private void assigned(final String member, final long ns, final String[] words) {
        final int epoch = Integer.parseInt(words[2]);
        epochs.merge(member, epoch, Math::max);
        for (final int partition : partitions(words[4])) {
            final Tenure tenure = new Tenure(member, partition, ns);
            if (open.computeIfAbsent(member, key -> new TreeMap<>()).putIfAbsent(partition, tenure) != null) {
                errors.add("partition " + partition + " was given twice to " + member);
            }
            tenures.add(tenure);
        }
        final Map<Integer, String> owner = owners.computeIfAbsent(epoch, key -> new TreeMap<>());
        for (final int partition : partitions(words[5])) {
            final String other = owner.put(partition, words[3]);
            if (other != null && !other.equals(words[3])) {
                errors.add("generation " + epoch + ", partition " + partition + ": " + other + " and " + words[3]);
            }
        }
    }

    private void end(final String member, final int partition, final long ns, final End end) {
        final Map<Integer, Tenure> held = open.get(member);
        final Tenure tenure = held == null ? null : held.remove(partition);
        if (tenure == null) {
            errors.add(member + " gave back partition " + partition + ", which it did not have");
            return;
        }
        tenure.toNs = ns;
        tenure.end = end;
        if (end == End.LOST && !overlaps(pauses.getOrDefault(member, List.of()), tenure.fromNs, ns)) {
            unexplainedLossCount++;
        }
    }

    private static boolean overlaps(final List<long[]> times, final long fromNs, final long toNs) {
        return times.stream().anyMatch(time -> time[0] <= toNs && time[1] >= fromNs);
    }

    private void read(final String member, final long ns, final String[] words) {
        final int partition = Integer.parseInt(words[2]);
        final long from = Long.parseLong(words[3]);
        final Map<Integer, Tenure> held = open.get(member);
        final Tenure tenure = held == null ? null : held.get(partition);
        if (tenure == null) {
            errors.add(member + " read partition " + partition + ", which it did not have");
            return;
        }
        if (tenure.nextOffset < 0) {
            tenure.firstOffset = from;
            tenure.firstReadNs = ns;
        } else if (from != tenure.nextOffset) {
            errors.add("partition " + partition + ": " + member + " read " + from + " after " + tenure.nextOffset);
        }
        tenure.nextOffset = Long.parseLong(words[4]);
    }

    private void committing(final String member, final long ns, final String offsets) {
        for (final String one : offsets.split(",")) {
            final int partition = Integer.parseInt(one.substring(0, one.indexOf(':')));
            final long offset = Long.parseLong(one.substring(one.indexOf(':') + 1));
            final Map<Integer, Tenure> held = open.get(member);
            final Tenure tenure = held == null ? null : held.get(partition);
            if (tenure == null || tenure.nextOffset != offset) {
                errors.add(member + " commits " + offset + " of partition " + partition + ", which it has not read: "
                    + tenure);
            }
            final Commit commit = new Commit(member, partition, offset, ns);
            commits.add(commit);
            underWay.computeIfAbsent(member, key -> new ArrayList<>()).add(commit);
        }
    }

    private void committed(final String member, final long ns, final Outcome outcome) {
        for (final Commit commit : underWay.remove(member)) {
            commit.toNs = outcome == Outcome.UNKNOWN ? NEVER : ns;
            // an answer may have been lost with the coordinator, and only the second attempt been refused
            commit.outcome = outcome == Outcome.REFUSED && overlaps(outages, commit.fromNs, ns)
                ? Outcome.UNKNOWN : outcome;
        }
    }

    /** A member is about to be killed: from now on others may have what it has. */
    synchronized void killed(final String member, final long ns) {
        final Map<Integer, Tenure> held = open.get(member);
        if (held != null) {
            held.values().forEach(tenure -> {
                tenure.toNs = ns;
                tenure.end = End.KILLED;
            });
        }
    }

    /** A member is about to stand still. */
    synchronized void paused(final String member, final long ns) {
        pauses.computeIfAbsent(member, key -> new ArrayList<>()).add(new long[] {ns, NEVER});
    }

    /** The group's coordinator is about to be killed. */
    synchronized void outage(final long ns) {
        outages.add(new long[] {ns, NEVER});
    }

    /** Another coordinator answers. */
    synchronized void outageOver(final long ns) {
        outages.get(outages.size() - 1)[1] = ns;
    }

    /** What an observer was told, asked and answered at these times. */
    synchronized void observed(final long fromNs, final long toNs, final Map<Integer, Long> offsets) {
        for (int partition = 0; partition < partitionCount; partition++) {
            final Commit seen = new Commit("observer", partition, offsets.getOrDefault(partition, -1L), fromNs);
            seen.toNs = toNs;
            seen.outcome = Outcome.DONE;
            observed.add(seen);
        }
    }

    synchronized void error(final String error) {
        errors.add(error);
    }

    // what has happened

    /** {@return the highest generation or epoch that somebody was given something in} */
    synchronized int epoch() {
        return owners.isEmpty() ? -1 : ((TreeMap<Integer, Map<Integer, String>>)owners).lastKey();
    }

    synchronized int epochOf(final String member) {
        return epochs.getOrDefault(member, -1);
    }

    /** {@return what a member has, as it says itself} */
    synchronized List<Integer> heldBy(final String member) {
        return List.copyOf(open.getOrDefault(member, Map.of()).keySet());
    }

    /** {@return whether these members have all partitions, each something} */
    synchronized boolean isSharedBy(final List<String> members) {
        return members.stream().noneMatch(member -> heldBy(member).isEmpty())
            && members.stream().mapToInt(member -> heldBy(member).size()).sum() == partitionCount;
    }

    /** {@return whether all of these partitions were given to somebody else after that time} */
    synchronized boolean areTakenOver(final List<Integer> partitions, final String member, final long sinceNs) {
        return partitions.stream().allMatch(partition -> tenures.stream().anyMatch(tenure ->
            tenure.partition == partition && tenure.fromNs > sinceNs && !tenure.member.equals(member)));
    }

    /** {@return how many of a member's tenures ended by a loss after that time} */
    synchronized long lossCount(final String member, final long sinceNs) {
        return tenures.stream().filter(tenure -> tenure.member.equals(member) && tenure.end == End.LOST
            && tenure.toNs > sinceNs).count();
    }

    synchronized String summary() {
        return owners.size() + " generations, " + tenures.size() + " tenures ("
            + tenures.stream().filter(one -> one.end == End.LOST).count() + " lost, " + unexplainedLossCount
            + " of them by members that nobody had paused), " + commits.size() + " commits ("
            + commits.stream().filter(one -> one.outcome == Outcome.REFUSED).count() + " refused, "
            + commits.stream().filter(one -> one.outcome == Outcome.UNKNOWN).count() + " unknown), "
            + observed.size() / partitionCount + " observations";
    }

    // what must not be

    /** {@return what is wrong with this history} */
    synchronized List<String> check() {
        final List<String> result = new ArrayList<>(errors);
        for (int i = 0; i < partitionCount; i++) {
            final int partition = i;
            final List<Tenure> own = new ArrayList<>(tenures.stream()
                .filter(tenure -> tenure.partition == partition).toList());
            own.sort(Comparator.comparingLong(tenure -> tenure.fromNs));
            final List<Commit> done = new ArrayList<>(commits.stream()
                .filter(commit -> commit.partition == partition && commit.outcome == Outcome.DONE).toList());
            final List<Commit> possible = new ArrayList<>(commits.stream()
                .filter(commit -> commit.partition == partition && commit.outcome != Outcome.REFUSED).toList());
            possible.sort(Comparator.comparingLong(commit -> commit.fromNs));
            checkOwners(partition, own, result);
            checkStrangers(partition, own, done, result);
            checkStarts(partition, own, done, possible, result);
            final List<Commit> seen = observed.stream().filter(one -> one.partition == partition).toList();
            checkOrder(partition, done, seen, result);
            for (final Commit one : seen) {
                if (one.offset > highestBegun(possible, one.toNs)) {
                    result.add("partition " + partition + ": nobody committed what is there: " + one);
                }
            }
        }
        return result;
    }

    private static void checkOwners(final int partition, final List<Tenure> own, final List<String> result) {
        for (int i = 0; i < own.size(); i++) {
            final Tenure former = own.get(i);
            for (int j = i + 1; j < own.size() && own.get(j).fromNs <= former.toNs; j++) {
                final Tenure next = own.get(j);
                if (former.end != End.LOST && !former.member.equals(next.member)) {
                    result.add("partition " + partition + " had two owners: " + former + " and " + next);
                }
            }
        }
    }

    /** Nobody may commit where somebody else is the owner. */
    private static void checkStrangers(
        final int partition, final List<Tenure> own, final List<Commit> done, final List<String> result) {
        for (final Tenure tenure : own) {
            for (final Commit commit : done) {
                if (tenure.end != End.LOST && !commit.member.equals(tenure.member) && commit.fromNs > tenure.fromNs
                    && commit.toNs < tenure.toNs) {
                    result.add("partition " + partition + ": a commit of " + commit + " while it belonged to "
                        + tenure);
                }
            }
        }
    }

    /** Each begins where others have left off: not before what is committed, nor behind it. */
    private static void checkStarts(final int partition, final List<Tenure> own, final List<Commit> done,
        final List<Commit> possible, final List<String> result) {
        for (final Tenure tenure : own) {
            if (tenure.firstOffset < 0) {
                continue;
            }
            for (final Commit commit : done) {
                if (commit.toNs < tenure.fromNs && commit.offset > tenure.firstOffset) {
                    result.add("partition " + partition + " went back: " + tenure + " began at " + tenure.firstOffset
                        + " after a commit of " + commit);
                }
            }
            final long highest = highestBegun(possible, tenure.firstReadNs);
            if (tenure.firstOffset > Math.max(0, highest)) {
                result.add("partition " + partition + ": " + tenure + " began at " + tenure.firstOffset
                    + " and skipped everything from " + Math.max(0, highest));
            }
        }
    }

    private static long highestBegun(final List<Commit> possible, final long ns) {
        long highest = -1;
        for (final Commit commit : possible) {
            if (commit.fromNs > ns) {
                break;
            }
            highest = Math.max(highest, commit.offset);
        }
        return highest;
    }

    /** What begins after the end of something else must not be lower. */
    private static void checkOrder(
        final int partition, final List<Commit> done, final List<Commit> seen, final List<String> result) {
        final List<Commit> byStart = new ArrayList<>(done);
        byStart.addAll(seen);
        final List<Commit> byEnd = new ArrayList<>(byStart);
        byStart.sort(Comparator.comparingLong(commit -> commit.fromNs));
        byEnd.sort(Comparator.comparingLong(commit -> commit.toNs));
        int ended = 0;
        Commit highest = null;
        for (final Commit commit : byStart) {
            for (; byEnd.get(ended).toNs < commit.fromNs; ended++) {
                highest = highest == null || byEnd.get(ended).offset > highest.offset ? byEnd.get(ended) : highest;
            }
            if (highest != null && commit.offset < highest.offset) {
                result.add("partition " + partition + " went back from " + highest + " to " + commit);
            }
        }
    }
}
