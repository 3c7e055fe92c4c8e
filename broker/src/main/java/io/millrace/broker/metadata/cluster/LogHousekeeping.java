package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ClusterControl;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.RecordingLog;
import io.aeron.cluster.service.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentInvoker;

/**
 * Takes snapshots by log size (the leader asks for them) and purges the log and the snapshots that no member can need
 * any more (each member its own). Owned by the metadata thread.
 */
final class LogHousekeeping {
    private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_WAIT_PARK_NS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int KEPT_SNAPSHOT_COUNT = 2;
    private static final int SERVICE_ID = 0;

    private final ClusterMetadataConfiguration configuration;
    private final ConsensusModule.Context context;
    private final Aeron aeron;
    private final AgentInvoker driver;
    private final ErrorHandler errors;
    private long nextRunNs;
    private boolean started;
    private long purgedForPosition = -1;

    LogHousekeeping(
        final ClusterMetadataConfiguration configuration, final ConsensusModule.Context context, final Aeron aeron,
        final AgentInvoker driver, final ErrorHandler errors) {
        this.configuration = configuration;
        this.context = context;
        this.aeron = aeron;
        this.driver = driver;
        this.errors = errors;
    }

    int doWork(final long nowNs) {
        if (started && nowNs - nextRunNs < 0 || context.commitPositionCounter().isClosed()) {
            return 0;
        }
        started = true;
        nextRunNs = nowNs + INTERVAL_NS;
        final RecordingLog.Entry snapshot = context.recordingLog().getLatestSnapshot(SERVICE_ID);
        final long snapshotPosition = snapshot == null ? 0 : snapshot.logPosition;
        if (Cluster.Role.get(context.clusterNodeRoleCounter()) == Cluster.Role.LEADER
            && context.commitPositionCounter().get() - snapshotPosition > configuration.snapshotIntervalLength()) {
            ClusterControl.ToggleState.SNAPSHOT.toggle(context.controlToggleCounter());
        }
        if (snapshot != null && snapshotPosition != purgedForPosition) {
            purge(snapshotPosition);
            purgedForPosition = snapshotPosition;
        }
        return 1;
    }

    private void purge(final long snapshotPosition) {
        final RecordingLog.Entry term = context.recordingLog().findLastTerm();
        if (term == null) {
            return;
        }
        try (AeronArchive archive = AeronArchive.connect(
            ClusterContexts.archiveClient(new InvokingIdleStrategy(MAX_WAIT_PARK_NS, driver))
                .aeron(aeron).ownsAeronClient(false).errorHandler(errors))) {
            purgeLog(archive, term.recordingId, snapshotPosition - configuration.retainedLogLength());
            purgeSnapshots(archive);
        } catch (final RuntimeException ex) {
            // tried again after the next snapshot; until then the disk holds more than it needs to
            errors.onError(ex);
        }
    }

    private void purgeLog(final AeronArchive archive, final long recordingId, final long keepFrom) {
        final long start = archive.getStartPosition(recordingId);
        if (keepFrom <= start) {
            return;
        }
        final long newStart = AeronArchive.segmentFileBasePosition(
            start, keepFrom, configuration.logTermLength(), ClusterContexts.SEGMENT_LENGTH);
        if (newStart > start) {
            archive.purgeSegments(recordingId, newStart);
        }
    }

    /** All but the last ones of each part of the node; what is gone already is no error. */
    private void purgeSnapshots(final AeronArchive archive) {
        final List<Long> positions = new ArrayList<>();
        for (final RecordingLog.Entry entry : context.recordingLog().entries()) {
            if (entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && !positions.contains(entry.logPosition)) {
                positions.add(entry.logPosition);
            }
        }
        positions.sort(null);
        final int goneCount = positions.size() - KEPT_SNAPSHOT_COUNT;
        if (goneCount <= 0) {
            return;
        }
        final long keepFrom = positions.get(goneCount);
        for (final RecordingLog.Entry entry : context.recordingLog().entries()) {
            if (entry.type == RecordingLog.ENTRY_TYPE_SNAPSHOT && entry.logPosition < keepFrom
                && archive.listRecording(entry.recordingId, LogHousekeeping::ignore) > 0) {
                archive.purgeRecording(entry.recordingId);
            }
        }
    }

    private static void ignore(
        final long controlSessionId, final long correlationId, final long recordingId, final long startTimestamp,
        final long stopTimestamp, final long startPosition, final long stopPosition, final int initialTermId,
        final int segmentFileLength, final int termBufferLength, final int mtuLength, final int sessionId,
        final int streamId, final String strippedChannel, final String originalChannel, final String source) {
        // only whether it exists matters
    }
}
