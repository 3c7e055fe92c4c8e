package io.millrace.engine.log;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.io.DiskFullException;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentNames;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks after the files of one log: seals indexes, prepares the next segment's file, gives back what is retired, writes
 * the checkpoint. Owned by maintenance.
 */
final class SegmentKeeper {
    private static final int ZEROS_LENGTH = 256 * 1024;
    private static final long RETRY_INTERVAL_NS = 1_000_000_000L;
    private static final long CHECKPOINT_INTERVAL_NS = 5_000_000_000L;

    private final SegmentedLog log;
    private ByteBuffer zeros;
    private long preparedCount;
    private long retryAtNs;
    private boolean isRetryDue = true;
    private long checkpointNs;
    private boolean hasCheckpointNs;
    private long checkpointSynced;
    private long checkpointStart;

    SegmentKeeper(final SegmentedLog log) {
        this.log = log;
        checkpointSynced = log.marks().syncedAcquire();
        checkpointStart = log.startPosition();
    }

    SegmentedLog log() {
        return log;
    }

    /** {@return how many things were done} */
    int doWork(final long nowNs) {
        if (log.isOffline()) {
            return closeRetired(false);
        }
        if (log.shortage() != null) {
            dropRecycled();
        }
        if (!isRetryDue && nowNs - retryAtNs < 0) {
            return 0;
        }
        isRetryDue = true;
        try {
            return prepare() + keep(nowNs) + dropExcess();
        } catch (final DiskFullException ex) {
            dropRecycled();
            retryLater(nowNs); // writes say so where it matters; this is only work ahead
            return 0;
        } catch (final IOException ex) {
            log.health().report(new IOException("maintenance of shard log failed and is tried again: log="
                + log.health().name() + " cause=" + ex, ex));
            retryLater(nowNs);
            return 0;
        }
    }

    private void retryLater(final long nowNs) {
        isRetryDue = false;
        retryAtNs = nowNs + RETRY_INTERVAL_NS;
    }

    private int keep(final long nowNs) throws IOException {
        log.housekeepingLock().lock();
        try {
            int workCount = seal() + releaseReplaced();
            if (!hasCheckpointNs) {
                hasCheckpointNs = true;
                checkpointNs = nowNs;
            }
            final boolean hasMoved = checkpointSynced != log.marks().syncedAcquire();
            if (hasMoved && nowNs - checkpointNs >= CHECKPOINT_INTERVAL_NS
                || checkpointStart != log.startPosition()) {
                checkpointNs = nowNs;
                storeCheckpoint();
                workCount++;
            }
            return workCount + closeRetired(true);
        } finally {
            log.housekeepingLock().unlock();
        }
    }

    /** Under the housekeeping lock. */
    void storeCheckpoint() throws IOException {
        final Checkpoint checkpoint = new Checkpoint(log.marks().syncedAcquire(), log.startPosition());
        checkpoint.store(log.storage());
        checkpointSynced = checkpoint.syncedPosition();
        checkpointStart = checkpoint.startPosition();
    }

    private int seal() throws IOException {
        final Segment[] segments = log.segments().snapshot();
        for (int i = 0; i + 1 < segments.length; i++) {
            final Segment segment = segments[i];
            if (segment.index() instanceof MemoryIndex index) {
                final SealedIndex sealed = SealedIndex.seal(log.storage(), SegmentNames.index(segment.basePosition()),
                    index, segment.basePosition(), segments[i + 1].basePosition(), segment.lastFrameCrc());
                segment.index(sealed);
                log.spares().replaced.add(new SpareFiles.ReplacedIndex(segment, index));
                return 1;
            }
        }
        return 0;
    }

    private int releaseReplaced() throws IOException {
        int workCount = 0;
        for (int i = log.spares().replaced.size(); i > 0; i--) {
            final SpareFiles.ReplacedIndex replaced = log.spares().replaced.poll();
            if (replaced.segment().isPinned()) {
                log.spares().replaced.add(replaced);
            } else {
                workCount++;
                if (replaced.index() instanceof MemoryIndex index) {
                    index.clear();
                    log.spares().indexes.add(index);
                } else if (replaced.index() instanceof Closeable closeable) {
                    closeable.close();
                } else if (replaced.index() instanceof SealedIndex sealed) {
                    sealed.close();
                }
            }
        }
        return workCount;
    }

    /**
     * Makes the file of the next segment, once the present one is half full. In profile DURABLE it is really written,
     * so that syncs find its blocks allocated; in REPLICATED that would only double what the disk has to take.
     *
     * <p>A new file waits for segments that are about to be given back. One of those must not keep the spare files
     * from being used: a slow reader may hold it for long.
     */
    private int prepare() throws IOException {
        final Segment[] segments = log.segments().snapshot();
        final int segmentLength = log.configuration().segmentLength();
        if (segments.length == 0 || log.spares().prepared.get() != null
            || segments.length >= log.configuration().maxSegmentCount()
            || log.spares().recycled.isEmpty() && !log.spares().retired.isEmpty()
            || log.marks().writtenAcquire() - segments[segments.length - 1].basePosition() < segmentLength / 2) {
            return 0;
        }
        SpareFiles.NamedFile next = log.spares().recycled.poll();
        if (next == null) {
            final String name = preparedName();
            next = new SpareFiles.NamedFile(name, log.storage().open(name, true));
        }
        boolean isReady = false;
        try {
            next.file().bringToMemory();
            allocate(next.file());
            isReady = true;
        } finally {
            if (!isReady) {
                drop(next);
            }
        }
        log.spares().prepared.set(next);
        return 1;
    }

    /** Also at the end of a file that held a segment before: it may have ended well before its full length. */
    private void allocate(final LogFile file) throws IOException {
        final int segmentLength = log.configuration().segmentLength();
        long at = file.length();
        if (log.configuration().profile() == DurabilityProfile.DURABLE && at < segmentLength) {
            while (at < segmentLength) {
                at += file.write(zeros(segmentLength - at), at);
            }
            file.sync();
        }
    }

    private String preparedName() {
        return "next-" + preparedCount++ + SegmentNames.PREPARED_SUFFIX;
    }

    private ByteBuffer zeros(final long length) {
        if (zeros == null) {
            zeros = ByteBuffer.allocateDirect(ZEROS_LENGTH);
        }
        return zeros.clear().limit((int) Math.min(ZEROS_LENGTH, length));
    }

    /**
     * Only what the stored checkpoint leaves behind: the engine thread may have given back more since it was stored,
     * and a start that finds no file where the checkpoint says that the log begins takes the log for damaged.
     */
    private int closeRetired(final boolean isRecycling) {
        int workCount = 0;
        for (int i = log.spares().retired.size(); i > 0; i--) {
            final Segment segment = log.spares().retired.poll();
            final boolean isLeftBehind = segment.isUnlinked() || segment.basePosition() < checkpointStart;
            if (isRecycling && !isLeftBehind || !segment.tryRetire()) {
                log.spares().retired.add(segment);
                continue;
            }
            workCount++;
            try {
                giveBack(segment, isRecycling);
            } catch (final IOException ex) {
                log.health().report(new IOException("a segment could not be given back: log=" + log.health().name()
                    + " basePosition=" + segment.basePosition() + " cause=" + ex, ex));
            }
        }
        return workCount;
    }

    private void giveBack(final Segment segment, final boolean isRecycling) throws IOException {
        boolean isKept = false;
        try {
            if (segment.index() instanceof SealedIndex sealed) {
                sealed.close();
            }
            if (!segment.isUnlinked() && isRecycling) {
                isKept = recycleOrDelete(segment);
            }
        } finally {
            if (!isKept) {
                segment.file().close();
            }
        }
    }

    /** {@return whether its file waits to be used again} */
    private boolean recycleOrDelete(final Segment segment) throws IOException {
        final String name = SegmentNames.log(segment.basePosition());
        log.storage().delete(SegmentNames.index(segment.basePosition()));
        if (segment.isQuarantined()) {
            log.storage().delete(SegmentNames.quarantine(segment.basePosition()));
        }
        if (spareCount() >= maxSpareCount() || segment.isQuarantined() || !isWorthRecycling(segment.file())) {
            log.storage().delete(name);
            return false;
        }
        final String preparedName = preparedName();
        log.storage().rename(name, preparedName);
        // before it is overwritten: else a crash could bring it back under its old name with new content
        log.storage().syncDirectory();
        log.spares().recycled.add(new SpareFiles.NamedFile(preparedName, segment.file()));
        return true;
    }

    private int spareCount() {
        return log.spares().recycled.size() + (log.spares().prepared.get() == null ? 0 : 1);
    }

    /** As the configuration says, but at least one where the next segment has no file yet: it would be made anyway. */
    private int maxSpareCount() {
        final int segmentCount = log.segments().snapshot().length;
        final int count = log.configuration().maxSpareCount(segmentCount);
        final boolean isNextWanted =
            log.spares().prepared.get() == null && segmentCount < log.configuration().maxSegmentCount();
        return isNextWanted ? Math.max(1, count) : count;
    }

    /** The log may have grown by new files, when it was faster than this thread, and needs the room in its cap. */
    private int dropExcess() {
        int workCount = 0;
        while (!log.spares().recycled.isEmpty() && spareCount() > maxSpareCount()) {
            drop(log.spares().recycled.poll());
            workCount++;
        }
        return workCount;
    }

    /** A full disk gets back what only waits to be used again. */
    private void dropRecycled() {
        SpareFiles.NamedFile spare = log.spares().recycled.poll();
        while (spare != null) {
            drop(spare);
            spare = log.spares().recycled.poll();
        }
    }

    private void drop(final SpareFiles.NamedFile spare) {
        try {
            spare.file().close();
            log.storage().delete(spare.name());
        } catch (final IOException ex) {
            log.health().report(new IOException("a spare file could not be given back: log="
                + log.health().name() + " file=" + spare.name() + " cause=" + ex, ex));
        }
    }

    /** A file much shorter or longer than a segment would upset the count of bytes. */
    private boolean isWorthRecycling(final LogFile file) throws IOException {
        final long segmentLength = log.configuration().segmentLength();
        return file.length() >= segmentLength / 2 && file.length() <= segmentLength;
    }
}
