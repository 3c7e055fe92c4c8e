package io.millrace.load.run;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.record.Ledger;
import io.millrace.load.verify.HistoryChecker;
import io.millrace.load.workload.RecordLengths;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Verification;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.agrona.concurrent.NanoClock;

/** The topic of a run: one of its own, deleted at the end whatever happens, or one that was there before. */
final class RunTopic implements AutoCloseable {
    private static final long SETTLE_POLL_NS = 100_000_000L;
    private static final long SETTLE_NS = 1_000_000_000L;
    private static final long LOST_NS = 10_000_000_000L;
    private static final long PATIENCE_NS = 20_000_000_000L;
    private static final int MAX_HEAD_FINDINGS = 20;

    private final TopicAdmin admin;
    private final String name;
    private final List<String> topics;
    private final boolean isOwn;
    private final long[] startOffsets;
    private final Map<String, String> askedConfigs;
    private final Progress progress;
    private final long openedNs = System.nanoTime();
    /** Asked for when a log has lost its beginning, once. */
    private TopicRetention retention;

    private RunTopic(
        final TopicAdmin admin,
        final String name,
        final List<String> topics,
        final boolean isOwn,
        final long[] startOffsets,
        final Map<String, String> askedConfigs,
        final Progress progress) {
        this.progress = progress;
        this.askedConfigs = askedConfigs;
        this.admin = admin;
        this.name = name;
        this.topics = topics;
        this.isOwn = isOwn;
        this.startOffsets = startOffsets;
    }

    /**
     * Creates the topic, or checks the one there is.
     *
     * @param admin    of the target, null if it has no topics
     * @param workload names topic, partitions, replicas
     * @param identity names the run's own topic
     * @param progress told what is left behind
     * @return the topic
     */
    static RunTopic open(
        final TopicAdmin admin, final Workload workload, final RunIdentity identity, final Progress progress) {
        final String name = workload.topic() == null ? identity.topicName() : workload.topic();
        final List<String> topics = workload.topicNames(name);
        if (admin == null) {
            return new RunTopic(null, name, topics, false, null, Map.of(), progress);
        }
        final int found = admin.partitionCount(topics.get(0));
        if (found > 0) {
            for (final String topic : topics) {
                final int count = topic.equals(topics.get(0)) ? found : admin.partitionCount(topic);
                if (count != workload.partitions()) {
                    throw new RunRefusedException(ExitCodes.USAGE, "topic: name=" + topic + " exists with " + count
                        + " partitions, not " + workload.partitions() + "; pass --partitions " + count
                        + " or another --topic");
                }
            }
            return new RunTopic(
                admin, name, topics, false, endOffsets(admin, topics, found), Map.of(), progress);
        }
        final int brokerCount = admin.brokers().size();
        if (admin.hasReplicas() && workload.replicationFactor() > brokerCount) {
            throw new RunRefusedException(ExitCodes.USAGE, "replication-factor: value=" + workload.replicationFactor()
                + " is more than the " + brokerCount + " brokers of the cluster; pass --replication-factor "
                + brokerCount);
        }
        for (int i = 0; i < topics.size(); i++) {
            try {
                admin.create(topics.get(i), workload.partitions(), workload.replicationFactor(),
                    workload.topicConfigs());
            } catch (final RuntimeException ex) {
                topics.subList(0, i + 1).forEach(topic -> deleteQuietly(admin, topic, ex));
                throw ex;
            }
        }
        return new RunTopic(
            admin, name, topics, true, new long[workload.laneCount()], workload.topicConfigs(), progress);
    }

    /**
     * The topic of a run of which this process has a share only.
     *
     * @param admin        of the target, null if it has no topics
     * @param workload     names it
     * @param startOffsets of all partitions of all topics
     * @param progress     told what is left behind
     * @return the topic, which others made and will delete
     */
    static RunTopic given(
        final TopicAdmin admin, final Workload workload, final long[] startOffsets, final Progress progress) {
        return new RunTopic(admin, workload.topic(), workload.topicNames(workload.topic()), false,
            admin == null ? null : startOffsets, Map.of(), progress);
    }

    /** After a fault a connection may be dead, or a partition be moving: asked again for a while. */
    private static long[] endOffsets(final TopicAdmin admin, final List<String> topics, final int partitions) {
        final long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (true) {
            try {
                return endOffsetsNow(admin, topics, partitions);
            } catch (final TargetUnreachableException | TargetRefusedException ex) {
                if (System.nanoTime() - deadlineNs > 0) {
                    throw ex;
                }
                LockSupport.parkNanos(SETTLE_POLL_NS);
            }
        }
    }

    private static long[] endOffsetsNow(final TopicAdmin admin, final List<String> topics, final int partitions) {
        final long[] offsets = new long[topics.size() * partitions];
        for (int i = 0; i < topics.size(); i++) {
            System.arraycopy(admin.endOffsets(topics.get(i), partitions), 0, offsets, i * partitions, partitions);
        }
        return offsets;
    }

    /** {@return where each partition of each topic stood when the run began} */
    long[] startOffsets() {
        return startOffsets;
    }

    String name() {
        return name;
    }

    /** {@return the configuration of the topic as far as it is known, by Kafka's keys} */
    Map<String, String> configs() {
        return admin == null ? Map.of() : admin.configs(topics.get(0));
    }

    /**
     * {@return replicas of each partition}
     *
     * @param asked of the workload; a system without replicas has one whatever is asked for
     */
    int replicationFactor(final int asked) {
        return admin == null || admin.hasReplicas() ? asked : 1;
    }

    /** {@return true if records can be read back} */
    boolean isReadable() {
        return admin != null;
    }

    /**
     * Reads everything back and compares.
     *
     * @param backend      opens the way to read
     * @param ledger       what was sent and acknowledged
     * @param runId        of the records
     * @param lengths      of the records
     * @param stop         ends reading early
     * @param clock        of the wait
     * @return what was found
     */
    Checked verify(
        final Backend backend,
        final Ledger ledger,
        final long runId,
        final RecordLengths lengths,
        final StopSignal stop,
        final NanoClock clock) {
        final HistoryChecker checker =
            new HistoryChecker(ledger, runId, lengths, !isOwn, stop::isInterrupted);
        final long[] ends = settledEndOffsets(ledger, stop, clock);
        final int partitions = ends.length / topics.size();
        final List<String> losses = new ArrayList<>();
        for (int i = 0; i < topics.size(); i++) {
            final int first = i * partitions;
            backend.openSource().readAll(topics.get(i), Arrays.copyOfRange(startOffsets, first, first + partitions),
                Arrays.copyOfRange(ends, first, first + partitions), new Shifted(checker, first,
                    (partition, toOffset) -> isExcused(partition, toOffset, ends[partition], lengths, losses)));
        }
        final Verification verification = checker.conclude();
        losses.addAll(checker.findings());
        return new Checked(verification, losses, checker.unknownCount(), checker.deletedCount());
    }

    /** A log that begins later than it did excuses what is missing only where retention can have done that. */
    private boolean isExcused(
        final int partition,
        final long toOffset,
        final long endOffset,
        final RecordLengths lengths,
        final List<String> losses) {
        if (!isOwn) {
            return true; // how long it has been there, and who else deletes from it, is not known
        }
        if (retention == null) {
            retention = TopicRetention.of(askedConfigs, configs());
        }
        if (retention.canHaveDeleted(endOffset, lengths.maxLength(), System.nanoTime() - openedNs)) {
            return true;
        }
        if (losses.size() < MAX_HEAD_FINDINGS) {
            losses.add("lost at the head: partition=" + partition + " begins at offset " + toOffset + ", and its "
                + "retention (bytes=" + retention.bytes() + " ms=" + retention.ms() + ") cannot have deleted that yet");
        }
        return false;
    }

    /**
     * Waits until what was acknowledged can be read: a leader's word comes before the record is committed, and without
     * acks records may still be on their way. What stays away for long is lost. A topic that others go on to write to
     * never comes to rest: there a time is all that can be waited for.
     */
    private long[] settledEndOffsets(final Ledger ledger, final StopSignal stop, final NanoClock clock) {
        long[] ends = endOffsets(admin, topics, startOffsets.length / topics.size());
        final long startNs = clock.nanoTime();
        long unchangedSinceNs = startNs;
        while (!stop.isInterrupted()) {
            final long found = LongStream.of(ends).sum() - LongStream.of(startOffsets).sum();
            final long nowNs = clock.nanoTime();
            if (isEverything(found, ledger)
                || nowNs - unchangedSinceNs > (found >= ledger.ackedCount() ? SETTLE_NS : LOST_NS)
                || !isOwn && nowNs - startNs > LOST_NS) {
                break;
            }
            LockSupport.parkNanos(SETTLE_POLL_NS);
            final long[] now = endOffsets(admin, topics, startOffsets.length / topics.size());
            if (!Arrays.equals(now, ends)) {
                ends = now;
                unchangedSinceNs = clock.nanoTime();
            }
        }
        return ends;
    }

    /** Others' records, those of a lost worker and duplicates are no sign that ours are all there. */
    private boolean isEverything(final long found, final Ledger ledger) {
        return isOwn && found == ledger.sentCount() && ledger.isWholeKnown();
    }

    @Override
    public void close() {
        if (isOwn) {
            for (final String topic : topics) {
                try {
                    deleteOnceMore(topic);
                } catch (final RuntimeException ex) {
                    // The result stands; what is left behind is the user's to know.
                    progress.say("topic " + topic + " could not be deleted: " + ex.getMessage());
                }
            }
        }
    }

    /** The first try may find its connection dead. */
    private void deleteOnceMore(final String topic) {
        try {
            admin.delete(topic);
        } catch (final TargetUnreachableException ex) {
            admin.delete(topic);
        }
    }

    private static void deleteQuietly(final TopicAdmin admin, final String name, final RuntimeException cause) {
        try {
            admin.delete(name);
        } catch (final RuntimeException ex) {
            cause.addSuppressed(ex);
        }
    }

    /**
     * Counts partitions over all topics.
     *
     * @param to    takes the records
     * @param first place of the topic's first partition
     * @param rule  which deletions excuse that records are missing
     */
    private record Shifted(RecordSource.Handler to, int first, Excuse rule) implements RecordSource.Handler {
        @Override
        public void onRecord(final int partition, final ByteBuffer buffer, final int index, final int length) {
            to.onRecord(first + partition, buffer, index, length);
        }

        @Override
        public void onDamagedBatch(final int partition, final long offset, final String reason) {
            to.onDamagedBatch(first + partition, offset, reason);
        }

        @Override
        public void onDeleted(final int partition, final long fromOffset, final long toOffset) {
            if (rule.isExcused(first + partition, toOffset)) {
                to.onDeleted(first + partition, fromOffset, toOffset);
            }
        }

        @Override
        public boolean isStopped() {
            return to.isStopped();
        }
    }

    /** Tells deleted records from lost ones. */
    private interface Excuse {
        boolean isExcused(int partition, long toOffset);
    }

    /**
     * What reading back showed.
     *
     * @param verification in figures
     * @param findings     the first faults in words
     * @param unknownCount records whose sender is gone
     * @param deletedCount records that were deleted before they could be read
     */
    record Checked(Verification verification, List<String> findings, long unknownCount, long deletedCount) {
    }
}
