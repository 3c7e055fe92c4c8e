package io.millrace.engine.shard;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.log.LogConfiguration;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A shard log that is led in a scratch folder, with the threads that a broker gives it: one that drains, one that syncs
 * and one for maintenance. It keeps about 256 MiB, or two segments, and gives back the rest. The benchmark's thread
 * opens and closes it,
 * and claims; the log itself is the engine thread's once {@link #start()} was called.
 */
final class LedLog implements AutoCloseable {
    private static final int PARTITION_ID = 0;
    private static final int SYNC_AT_ONCE_LENGTH = 1;
    private static final long RETENTION_LENGTH = 256L * 1024 * 1024;
    private static final long AHEAD_LENGTH = 512L * 1024 * 1024;
    private static final long LAST_ROOM_LENGTH = 256L * 1024 * 1024;
    private static final long RETAIN_INTERVAL_LENGTH = 16L * 1024 * 1024;
    private static final VarHandle ANSWERED = answeredHandle();

    private final Scratch scratch;
    private final SegmentedShardLog log;
    private final LogMarks marks;
    private final LogSyncer syncer = new LogSyncer(SystemNanoClock.INSTANCE);
    private final SegmentMaintenance maintenance = new SegmentMaintenance(SystemNanoClock.INSTANCE);
    private final List<AgentRunner> runners = new ArrayList<>();
    private final boolean inBackground;
    private final long retentionLength;
    private final long highWaterLength;
    private volatile Throwable failure;

    // engine thread; the count is read by the benchmark's
    private long drainedAnswerCount;
    private long retainedPosition;
    @SuppressWarnings("unused") // through its handle
    private long answeredCount;

    LedLog(final String name, final DurabilityProfile profile, final boolean syncsInBackground) throws IOException {
        this(name, profile, syncsInBackground, LogConfiguration.DEFAULT_SEGMENT_LENGTH);
    }

    LedLog(final String name, final DurabilityProfile profile, final boolean syncsInBackground,
        final int segmentLength) throws IOException {
        scratch = new Scratch(name);
        inBackground = syncsInBackground;
        retentionLength = Math.max(RETENTION_LENGTH, 2L * segmentLength);
        highWaterLength = retentionLength + AHEAD_LENGTH;
        log = new ShardLogContext()
            .storage(new FileLogStorage(scratch.directory()))
            .profile(profile)
            .segmentLength(segmentLength)
            .shardCapacity(highWaterLength + Math.max(LAST_ROOM_LENGTH, 2L * segmentLength))
            .backgroundSync(syncsInBackground ? LogConfiguration.DEFAULT_SYNC_LENGTH : SYNC_AT_ONCE_LENGTH,
                LogConfiguration.DEFAULT_SYNC_INTERVAL_NS)
            .refuseDamage(true)
            .outcomes(this::onOutcome)
            .random(new SplittableRandom(1))
            .errorHandler(this::fail)
            .syncer(syncer)
            .maintenance(maintenance)
            .open();
        marks = log.marks();
        if (log.startLeading(1) < 0) {
            throw new IOException("cannot write to " + scratch.directory());
        }
        run(maintenance, new SleepingMillisIdleStrategy(1));
        if (syncsInBackground) {
            run(syncer, new BackoffIdleStrategy());
        }
    }

    /** Gives the log to a thread of its own. */
    void start() {
        run(new Engine(), new BackoffIdleStrategy());
    }

    private void run(final Agent agent, final IdleStrategy idleStrategy) {
        final AgentRunner runner = new AgentRunner(idleStrategy, this::fail, null, agent);
        runners.add(runner);
        AgentRunner.startOnThread(runner);
    }

    ShardIngress ingress() {
        return log.ingress();
    }

    PartitionReader newPartitionReader() {
        return log.newPartitionReader();
    }

    long startPosition() {
        return log.startPosition();
    }

    /** Reads log bytes as the replicator does. */
    int read(final long position, final ByteBuffer target) {
        return log.read(position, target);
    }

    boolean syncsInBackground() {
        return inBackground;
    }

    /** {@return end of what is written; any thread} */
    long endPosition() {
        return marks.writtenAcquire();
    }

    /** {@return how many batches were written and answered; any thread} */
    long answeredCount() {
        return (long)ANSWERED.getAcquire(this);
    }

    /** Syncs all that is written, when there is no syncer's thread. */
    void syncNow() {
        while (marks.syncedAcquire() < marks.writtenAcquire()) {
            syncer.doWork();
            checkFailure();
        }
    }

    void checkFailure() {
        if (failure != null) {
            throw new IllegalStateException("the log failed in " + scratch.directory(), failure);
        }
    }

    private void fail(final Throwable cause) {
        failure = cause;
    }

    private void onOutcome(
        final long replyId, final short errorCode, final long baseOffset, final long logStartOffset) {
        drainedAnswerCount++;
        if (errorCode != ErrorCodes.NONE) {
            fail(new IOException("a batch was refused: errorCode=" + errorCode + " shortage=" + log.shortage()));
        }
    }

    /** One duty cycle of the engine thread. */
    int drain() {
        final long start = log.startPosition();
        int workCount = 0;
        // a disk slower than the page cache holds up the ring, rather than have batches refused at the byte cap
        if (log.endPosition() - start <= highWaterLength) {
            workCount = log.drain();
        }
        final long end = log.endPosition();
        if (workCount > 0) {
            log.commit(end);
            ANSWERED.setRelease(this, drainedAnswerCount); // pairs with answeredCount: the marks before it
        }
        if (end - retainedPosition >= RETAIN_INTERVAL_LENGTH || end - start > highWaterLength) {
            retainedPosition = end;
            log.retain(PARTITION_ID, retentionLength);
        }
        return workCount;
    }

    @Override
    public void close() throws IOException {
        for (int i = runners.size() - 1; i >= 0; i--) {
            CloseHelper.close(runners.get(i));
        }
        final Throwable failed = failure;
        log.close(); // refuses what is still in the ring, which is no failure
        scratch.close();
        failure = failed;
        checkFailure();
    }

    private static VarHandle answeredHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(LedLog.class, "answeredCount", long.class);
        } catch (final ReflectiveOperationException ex) {
            throw new ExceptionInInitializerError(ex);
        }
    }

    /** The engine thread's agent. */
    private final class Engine implements Agent {
        @Override
        public int doWork() {
            return drain();
        }

        @Override
        public String roleName() {
            return "engine";
        }
    }
}
