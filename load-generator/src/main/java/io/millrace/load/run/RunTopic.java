package io.millrace.load.run;

import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.record.Ledger;
import io.millrace.load.verify.HistoryChecker;
import io.millrace.load.workload.Workload;
import io.millrace.results.model.Verification;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;

/** The topic of a run: one of its own, deleted at the end whatever happens, or one that was there before. */
final class RunTopic implements AutoCloseable {
    private static final long SETTLE_POLL_NS = 100_000_000L;
    private static final long SETTLE_NS = 1_000_000_000L;
    private static final long LOST_NS = 10_000_000_000L;

    private final TopicAdmin admin;
    private final String name;
    private final boolean isOwn;
    private final long[] startOffsets;
    private final Progress progress;

    private RunTopic(
        final TopicAdmin admin,
        final String name,
        final boolean isOwn,
        final long[] startOffsets,
        final Progress progress) {
        this.progress = progress;
        this.admin = admin;
        this.name = name;
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
        if (admin == null) {
            return new RunTopic(null, name, false, null, progress);
        }
        final int found = admin.partitionCount(name);
        if (found > 0) {
            if (found != workload.partitions()) {
                throw new RunRefusedException(ExitCodes.USAGE, "topic: name=" + name + " exists with " + found
                    + " partitions, not " + workload.partitions() + "; pass --partitions " + found
                    + " or another --topic");
            }
            return new RunTopic(admin, name, false, admin.endOffsets(name, found), progress);
        }
        final int brokerCount = admin.brokers().size();
        if (workload.replicationFactor() > brokerCount) {
            throw new RunRefusedException(ExitCodes.USAGE, "replication-factor: value=" + workload.replicationFactor()
                + " is more than the " + brokerCount + " brokers of the cluster; pass --replication-factor "
                + brokerCount);
        }
        try {
            admin.create(name, workload.partitions(), workload.replicationFactor(), workload.topicConfigs());
        } catch (final RuntimeException ex) {
            deleteQuietly(admin, name, ex);
            throw ex;
        }
        return new RunTopic(admin, name, true, new long[workload.partitions()], progress);
    }

    String name() {
        return name;
    }

    /** {@return the configuration of the topic as far as it is known, by Kafka's keys} */
    Map<String, String> configs() {
        return admin == null ? Map.of() : admin.configs(name);
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
     * @param recordLength of each record
     * @param stop         ends reading early
     * @return what was found
     */
    Checked verify(
        final Backend backend,
        final Ledger ledger,
        final long runId,
        final int recordLength,
        final StopSignal stop) {
        final HistoryChecker checker =
            new HistoryChecker(ledger, runId, recordLength, !isOwn, stop::isInterrupted);
        backend.openSource().readAll(name, startOffsets, settledEndOffsets(ledger, stop), checker);
        final Verification verification = checker.conclude();
        return new Checked(verification, checker.findings());
    }

    /**
     * Waits until what was acknowledged can be read: a leader's word comes before the record is committed, and without
     * acks records may still be on their way. What stays away for long is lost.
     */
    private long[] settledEndOffsets(final Ledger ledger, final StopSignal stop) {
        long[] ends = admin.endOffsets(name, startOffsets.length);
        long unchangedSinceNs = System.nanoTime();
        while (!stop.isInterrupted()) {
            final long found = LongStream.of(ends).sum() - LongStream.of(startOffsets).sum();
            final long unchangedNs = System.nanoTime() - unchangedSinceNs;
            if (found >= ledger.sentCount()
                || unchangedNs > (found >= ledger.ackedCount() ? SETTLE_NS : LOST_NS)) {
                break;
            }
            LockSupport.parkNanos(SETTLE_POLL_NS);
            final long[] now = admin.endOffsets(name, startOffsets.length);
            if (!Arrays.equals(now, ends)) {
                ends = now;
                unchangedSinceNs = System.nanoTime();
            }
        }
        return ends;
    }

    @Override
    public void close() {
        if (isOwn) {
            try {
                admin.delete(name);
            } catch (final RuntimeException ex) {
                // The result stands; what is left behind is the user's to know.
                progress.say("topic " + name + " could not be deleted: " + ex.getMessage());
            }
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
     * What reading back showed.
     *
     * @param verification in figures
     * @param findings     the first faults in words
     */
    record Checked(Verification verification, List<String> findings) {
    }
}
