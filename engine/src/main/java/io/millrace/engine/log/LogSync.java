package io.millrace.engine.log;

import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import java.io.IOException;

/**
 * Makes one log durable when its profile asks for it. Owned by the syncer.
 *
 * <p>One sync covers everything written before it: group commit. A sync that fails takes the log offline and is never
 * tried again, because the kernel may have dropped what it could not write.
 */
final class LogSync {
    private final SegmentedLog log;
    private int syncedDirectoryVersion;
    private long lastSyncNs;
    private boolean isWaiting;

    LogSync(final SegmentedLog log) {
        this(log, log.directoryVersion());
    }

    LogSync(final SegmentedLog log, final int syncedDirectoryVersion) {
        this.log = log;
        this.syncedDirectoryVersion = syncedDirectoryVersion;
    }

    SegmentedLog log() {
        return log;
    }

    /** {@return 1 when something was synced} */
    int doWork(final long nowNs) {
        if (log.marks().writtenAcquire() <= log.marks().syncedAcquire() || log.isOffline()) {
            isWaiting = false;
            return 0;
        }
        if (!log.isSyncDue()) {
            if (!isWaiting) {
                isWaiting = true;
                lastSyncNs = nowNs;
                return 0;
            }
            if (nowNs - lastSyncNs < log.configuration().syncIntervalNs()) {
                return 0;
            }
        }
        isWaiting = false;
        return sync();
    }

    /** Syncs everything written so far; 1 when there was something. */
    int sync() {
        log.syncLock().lock();
        try {
            final long synced = log.marks().syncedAcquire();
            final long written = log.marks().writtenAcquire();
            if (written <= synced || log.isOffline()) {
                return 0;
            }
            final int directoryVersion = log.directoryVersion();
            syncFiles(synced, written);
            if (directoryVersion != syncedDirectoryVersion) {
                log.storage().syncDirectory();
                syncedDirectoryVersion = directoryVersion;
            }
            log.marks().syncedRelease(written);
            return 1;
        } catch (final IOException ex) {
            log.health().fail("sync", ex);
            return 0;
        } finally {
            log.syncLock().unlock();
        }
    }

    private void syncFiles(final long synced, final long written) throws IOException {
        // a segment is given back only when it is synced, so all that matter are here
        final Segment[] segments = log.segments().snapshot();
        for (int i = Math.max(0, SegmentList.indexOf(segments, synced)); i < segments.length; i++) {
            if (segments[i].basePosition() < written && segments[i].tryPin()) {
                try {
                    segments[i].file().sync();
                } finally {
                    segments[i].unpin();
                }
            }
        }
    }
}
