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
            return prepare() + keep(nowNs);
        } catch (final DiskFullException ex) {
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
     */
    private int prepare() throws IOException {
        final Segment[] segments = log.segments().snapshot();
        final int segmentLength = log.configuration().segmentLength();
        if (segments.length == 0 || log.spares().prepared.get() != null
            || segments.length >= log.configuration().maxSegmentCount() || !log.spares().retired.isEmpty()
            || log.marks().writtenAcquire() - segments[segments.length - 1].basePosition() < segmentLength / 2) {
            return 0;
        }
        final SpareFiles.NamedFile spare = log.spares().recycled.poll();
        if (spare != null) {
            spare.file().bringToMemory();
            log.spares().prepared.set(spare);
            return 1;
        }
        final String name = preparedName();
        boolean isReady = false;
        final LogFile file = log.storage().open(name, true);
        try {
            if (log.configuration().profile() == DurabilityProfile.DURABLE) {
                for (long at = 0; at < segmentLength;) {
                    at += file.write(zeros(segmentLength - at), at);
                }
                file.sync();
            }
            isReady = true;
        } finally {
            if (!isReady) {
                file.close();
                log.storage().delete(name);
            }
        }
        log.spares().prepared.set(new SpareFiles.NamedFile(name, file));
        return 1;
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

    /** The checkpoint says already that the log begins behind them. */
    private int closeRetired(final boolean isRecycling) {
        int workCount = 0;
        for (int i = log.spares().retired.size(); i > 0; i--) {
            final Segment segment = log.spares().retired.poll();
            if (!segment.tryRetire()) {
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
        if (segment.index() instanceof SealedIndex sealed) {
            sealed.close();
        }
        if (segment.isUnlinked() || !isRecycling) {
            segment.file().close();
            return;
        }
        final String name = SegmentNames.log(segment.basePosition());
        log.storage().delete(SegmentNames.index(segment.basePosition()));
        if (segment.isQuarantined()) {
            log.storage().delete(SegmentNames.quarantine(segment.basePosition()));
        }
        final boolean isNextMissing = log.spares().prepared.get() == null;
        final int spareCount = log.spares().recycled.size() + (isNextMissing ? 0 : 1);
        if ((isNextMissing || spareCount < log.configuration().maxSpareCount(log.segments().snapshot().length))
            && !segment.isQuarantined() && isWorthRecycling(segment.file())) {
            final String preparedName = preparedName();
            log.storage().rename(name, preparedName);
            // before it is overwritten: else a crash could bring it back under its old name with new content
            log.storage().syncDirectory();
            log.spares().recycled.add(new SpareFiles.NamedFile(preparedName, segment.file()));
            if (isNextMissing) {
                log.spares().prepared.set(log.spares().recycled.poll());
            }
        } else {
            log.storage().delete(name);
            segment.file().close();
        }
    }

    /** A full disk gets back what only waits to be used again. */
    private void dropRecycled() {
        SpareFiles.NamedFile spare = log.spares().recycled.poll();
        while (spare != null) {
            try {
                spare.file().close();
                log.storage().delete(spare.name());
            } catch (final IOException ex) {
                log.health().report(new IOException("a spare file could not be given back: log="
                    + log.health().name() + " file=" + spare.name() + " cause=" + ex, ex));
            }
            spare = log.spares().recycled.poll();
        }
    }

    /** A file much shorter or longer than a segment would upset the count of bytes. */
    private boolean isWorthRecycling(final LogFile file) throws IOException {
        final long segmentLength = log.configuration().segmentLength();
        return file.length() >= segmentLength / 2 && file.length() <= segmentLength;
    }
}
