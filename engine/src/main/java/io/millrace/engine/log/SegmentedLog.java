package io.millrace.engine.log;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.format.LogStartDescriptor;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.PartitionMap;
import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentList;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;

/**
 * One shard's log in segment files. The engine thread writes; readers, syncer and maintenance share what is volatile.
 *
 * <p>Two locks keep the rare cuts of the log apart from the syncer and from maintenance. The engine thread takes them
 * only to truncate and to reset, housekeeping before syncing; appending never does.
 */
public final class SegmentedLog implements BlockLog, AutoCloseable {
    private static final int FORGOTTEN_AT_ONCE_COUNT = 256;

    private final LogConfiguration configuration;
    private final LogStorage storage;
    private final LogState state;
    private final LogMarks marks = new LogMarks();
    private final LogHealth health;
    private final SegmentList segments = new SegmentList();
    private final SpareFiles spares = new SpareFiles();
    private final ReentrantLock housekeepingLock = new ReentrantLock();
    private final ReentrantLock syncLock = new ReentrantLock();
    /** Where the log ended when a partition was seen to be deleted; in the order of these positions. */
    private final Map<Integer, Long> deletedAtPositions = new LinkedHashMap<>();
    private final PartitionWatches watches = new PartitionWatches();
    private volatile PartitionMap<PartitionView> views = new PartitionMap<>();
    private volatile long startPosition;
    /** Odd while the log is being cut; changes with each cut. */
    private volatile long cutStamp;
    /** Counts changes of the directory that the syncer has to make durable before it publishes. */
    private volatile int directoryVersion;

    // engine thread
    private final StagedBatches staged = new StagedBatches();
    private final int salt;
    private MemoryIndex activeIndex;
    private SpareFiles.NamedFile pendingFile;
    private long endPosition;
    private long stateFrameEnd;
    private int lastFrameCrc;
    private boolean isClosed;

    SegmentedLog(
        final LogConfiguration configuration,
        final LogStorage storage,
        final LogState state,
        final LogHealth health,
        final int salt) {
        this.configuration = configuration;
        this.storage = storage;
        this.state = state;
        this.health = health;
        this.salt = salt;
        lastFrameCrc = salt;
    }

    // --- appending: engine thread, hot

    @Override
    public long endPosition() {
        return endPosition;
    }

    @Override
    public int lastFrameCrc() {
        return lastFrameCrc;
    }

    @Override
    public int room() {
        final Segment active = segments.last();
        if (active == null) {
            return 0;
        }
        final int room = (int) Math.max(0, configuration.segmentLength() - (endPosition - active.basePosition()));
        // a state frame that takes most of a segment must not stop the log: the file grows
        return endPosition == stateFrameEnd ? Math.max(room, maxFrameLength()) : room;
    }

    @Override
    public int maxFrameLength() {
        final int half = configuration.segmentLength() / 2 & -FrameDescriptor.ALIGNMENT;
        return Math.min(half, FrameDescriptor.MAX_FRAME_LENGTH);
    }

    @Override
    public void stageBatch(
        final int partitionId,
        final long baseOffset,
        final long nextOffset,
        final long position,
        final int batchLength,
        final long maxTimestampMs) {
        staged.add(partitionId, baseOffset, nextOffset, position, batchLength, maxTimestampMs);
    }

    @Override
    public void discardStaged() {
        staged.clear();
    }

    @Override
    public void writeBlock(final ByteBuffer wholeFrames, final int blockLastFrameCrc) throws IOException {
        health.checkOnline();
        final int length = wholeFrames.remaining();
        final Segment active = segments.last();
        final int start = wholeFrames.position();
        try {
            writeFully(active.file(), wholeFrames, endPosition - active.basePosition());
        } catch (final IOException ex) {
            final IOException failure = health.onWriteFailure("write", ex);
            if (!health.isOffline()) {
                eraseLeftover(active, Math.min(FrameDescriptor.HEADER_LENGTH, wholeFrames.position() - start));
            }
            throw failure;
        }
        health.onWritten();
        publishStaged();
        endPosition += length;
        lastFrameCrc = blockLastFrameCrc;
        marks.writtenRelease(endPosition);
    }

    /** Whole frames of a block that failed must not be found by a recovery: its producers were told that it failed. */
    private void eraseLeftover(final Segment active, final int length) throws IOException {
        try {
            writeFully(active.file(), ByteBuffer.allocate(length), endPosition - active.basePosition());
        } catch (final IOException ex) {
            throw health.fail("erasing a block that failed", ex); // its first bytes were written, so there is room
        }
    }

    @Override
    public void roll(final ByteBuffer stateFrame) throws IOException {
        health.checkOnline();
        forgetDeletedPartitions();
        if (segments.snapshot().length >= configuration.maxSegmentCount()) {
            freeDeadSegments();
        }
        if (segments.snapshot().length >= configuration.maxSegmentCount()) {
            throw health.onWriteFailure("beginning a segment", new StorageFullException(
                "shard has reached its byte cap: log=" + health.name() + " millrace.shard.max.bytes="
                    + configuration.capacity() + "; delete topics, lower retention.bytes or raise that key"));
        }
        final int length = stateFrame.remaining();
        final int crcIndex = stateFrame.position() + FrameDescriptor.HEADER_CRC_FIELD_OFFSET;
        final int crc = stateFrame.order() == ByteOrder.LITTLE_ENDIAN
            ? stateFrame.getInt(crcIndex) : Integer.reverseBytes(stateFrame.getInt(crcIndex));
        final LogFile file;
        try {
            file = nextFile();
            writeFully(file, stateFrame, 0);
        } catch (final IOException ex) {
            throw health.onWriteFailure("beginning a segment", ex);
        }
        pendingFile = null;
        begin(new Segment(endPosition, file, spares.takeIndex()));
        endPosition += length;
        stateFrameEnd = endPosition;
        lastFrameCrc = crc;
        marks.writtenRelease(endPosition);
    }

    @Override
    public boolean isOffline() {
        return health.isOffline();
    }

    /** {@return whether a sync is due by length, at once in DURABLE; any thread} */
    public boolean isSyncDue() {
        final long pendingLength = marks.writtenAcquire() - marks.syncedAcquire();
        return pendingLength > 0 && (configuration.profile() == DurabilityProfile.DURABLE
            || pendingLength >= configuration.syncLength());
    }

    /** {@return why the last write was refused for want of room, null when it was not; any thread} */
    public String shortage() {
        return health.shortage();
    }

    private void publishStaged() {
        long length = 0;
        final int count = staged.count();
        for (int i = 0; i < count; i++) {
            final int partitionId = staged.partitionId(i);
            activeIndex.add(partitionId, staged.baseOffset(i), staged.nextOffset(i), staged.position(i),
                staged.batchLength(i), staged.maxTimestampMs(i));
            length += staged.batchLength(i);
            if (i + 1 == count || staged.partitionId(i + 1) != partitionId) {
                publishEnd(partitionId, staged.nextOffset(i), frameEnd(staged.position(i), staged.batchLength(i)),
                    length);
                length = 0;
            }
        }
        PartitionWatches.publish();
        for (int i = 0; i < count; i++) {
            if (i + 1 == count || staged.partitionId(i + 1) != staged.partitionId(i)) {
                watches.onWritten(staged.partitionId(i));
            }
        }
        staged.clear();
    }

    private void publishEnd(
        final int partitionId, final long nextOffset, final long frameEnd, final long length) {
        final PartitionView view = views.get(partitionId);
        if (view == null) {
            addView(partitionId, 0, nextOffset, frameEnd);
        } else {
            view.appended(length);
            view.advanceRelease(nextOffset, frameEnd);
        }
    }

    private void addView(
        final int partitionId, final long logStartOffset, final long logEndOffset, final long lastEndPosition) {
        final PartitionView view = new PartitionView(partitionId, logStartOffset, logEndOffset, lastEndPosition);
        if (state.isDeleted(partitionId)) {
            view.delete(); // a follower may hear of a deletion before the last frames of the topic arrive
        }
        views.add(partitionId, view);
    }

    static long frameEnd(final long position, final int batchLength) {
        return position + FrameDescriptor.alignedLength(FrameDescriptor.HEADER_LENGTH + batchLength);
    }

    private static void writeFully(final LogFile file, final ByteBuffer source, final long fileOffset)
        throws IOException {
        long at = fileOffset;
        while (source.hasRemaining()) {
            final int written = file.write(source, at);
            if (written <= 0) {
                throw new IOException("disk took nothing: file=" + file + " fileOffset=" + at);
            }
            at += written;
        }
    }

    /** A file named for the end position: left over from a roll that failed, prepared by maintenance, or new. */
    private LogFile nextFile() throws IOException {
        final String name = SegmentNames.log(endPosition);
        if (pendingFile == null) {
            pendingFile = spares.prepared.getAndSet(null);
        }
        if (pendingFile == null) {
            pendingFile = new SpareFiles.NamedFile(name, storage.open(name, true));
        } else if (!pendingFile.name().equals(name)) {
            storage.rename(pendingFile.name(), name);
            pendingFile = new SpareFiles.NamedFile(name, pendingFile.file());
        }
        return pendingFile.file();
    }

    private void begin(final Segment segment) {
        final Segment previous = segments.last();
        if (previous != null) {
            previous.lastFrameCrc(lastFrameCrc);
        }
        directoryVersion++;
        segments.add(segment);
        activeIndex = (MemoryIndex) segment.index();
    }

    /**
     * Syncs what is written unless the log is offline, writes the checkpoint and closes the files. Syncer and
     * maintenance have been told to forget the log; readers have let go.
     */
    @Override
    public void close() {
        housekeepingLock.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
            new LogSync(this, -1).sync();
            if (!isOffline()) {
                new SegmentKeeper(this).storeCheckpoint();
            }
        } catch (final IOException ex) {
            health.fail("closing", ex);
        } finally {
            closeFiles();
            housekeepingLock.unlock();
        }
    }

    private void closeFiles() {
        final List<AutoCloseable> open = new ArrayList<>();
        for (final Segment segment : segments.snapshot()) {
            open.add(segment.file());
            open.add(segment.index() instanceof SealedIndex sealed ? sealed : null);
        }
        for (final Segment segment : spares.retired) {
            open.add(segment.file());
            open.add(segment.index() instanceof SealedIndex sealed ? sealed : null);
        }
        for (final SpareFiles.ReplacedIndex replaced : spares.replaced) {
            open.add(replaced.index() instanceof AutoCloseable closeable ? closeable : null);
        }
        final SpareFiles.NamedFile prepared = spares.prepared.getAndSet(null);
        if (prepared != null) {
            spares.recycled.add(prepared);
        }
        for (final SpareFiles.NamedFile spare : spares.recycled) {
            open.add(spare.file());
            open.add(() -> storage.delete(spare.name()));
        }
        open.add(pendingFile == null ? null : pendingFile.file());
        try {
            CloseHelper.closeAll(open);
        } catch (final RuntimeException ex) {
            health.report(ex);
        }
    }

    // --- retention: engine thread, cold

    /** Forgets a partition and gives back segments that held nothing else. */
    public void deletePartition(final int partitionId) {
        state.deletePartition(partitionId);
        final PartitionView view = views.get(partitionId);
        if (view != null) {
            view.delete();
        }
        deletedAtPositions.putIfAbsent(partitionId, endPosition);
        freeDeadSegments();
    }

    /** Readers see the log starts that a frame from the leader told. */
    void showLogStarts(final DirectBuffer buffer, final int frame) {
        final int count = LogStartDescriptor.entryCount(FrameDescriptor.length(buffer, frame));
        for (int i = 0; i < count; i++) {
            final int partitionId = LogStartDescriptor.partitionId(buffer, frame, i);
            final PartitionView view = views.get(partitionId);
            if (view != null && state.logStartOffset(partitionId) > view.logStartOffset()) {
                view.logStartOffset(state.logStartOffset(partitionId));
            }
        }
    }

    /** Gives back the oldest segments, as long as nothing in them is live and they are committed and synced. */
    public void freeDeadSegments() {
        while (true) {
            final Segment[] now = segments.snapshot();
            if (now.length < 2
                || now[1].basePosition() > Math.min(marks.committedAcquire(), marks.syncedAcquire())
                || !isDead(now[0])) {
                break;
            }
            startPosition = now[1].basePosition();
            spares.retired.add(segments.removeFirst());
        }
        forgetDeletedPartitions();
    }

    /**
     * A deleted partition is remembered for as long as frames from before its deletion may be kept or under way. A few
     * at a time, for each has its price and there may be thousands.
     */
    private void forgetDeletedPartitions() {
        final Iterator<Map.Entry<Integer, Long>> oldest = deletedAtPositions.entrySet().iterator();
        for (int i = 0; i < FORGOTTEN_AT_ONCE_COUNT && oldest.hasNext(); i++) {
            final Map.Entry<Integer, Long> deleted = oldest.next();
            if (deleted.getValue() >= startPosition) {
                return;
            }
            state.forgetPartition(deleted.getKey());
            oldest.remove();
        }
    }

    private boolean isDead(final Segment segment) {
        final boolean[] isLive = new boolean[1];
        pinIndex(segment).forEachPartition((partitionId, firstOffset, nextOffset, length) -> {
            final PartitionView view = views.get(partitionId);
            isLive[0] = view != null && !view.isDeleted() && nextOffset > view.logStartOffset();
            return !isLive[0];
        });
        segment.unpin();
        return !isLive[0];
    }

    /** Without a pin maintenance could empty an index that it has just sealed, and what is live would look dead. */
    static SegmentIndex pinIndex(final Segment segment) {
        if (!segment.tryPin()) {
            throw new IllegalStateException("segment is retired but still listed: base=" + segment.basePosition());
        }
        return segment.index();
    }

    /**
     * Marks the sealed segment that holds a position for a check.
     *
     * @param position in the log
     */
    public void suspect(final long position) {
        final Segment[] now = segments.snapshot();
        final int i = SegmentList.indexOf(now, position);
        if (i >= 0 && i + 1 < now.length) {
            now[i].suspect(true);
        }
    }

    // --- what the neighbours of this package use

    /** {@return the marks; any thread} */
    public LogMarks marks() {
        return marks;
    }

    /** {@return base of the first segment, the end of an empty log; any thread} */
    public long startPosition() {
        return startPosition;
    }

    /** {@return whether the log has no frame} */
    public boolean isEmpty() {
        return segments.last() == null;
    }

    LogState state() {
        return state;
    }

    LogConfiguration configuration() {
        return configuration;
    }

    LogStorage storage() {
        return storage;
    }

    LogHealth health() {
        return health;
    }

    SpareFiles spares() {
        return spares;
    }

    ReentrantLock housekeepingLock() {
        return housekeepingLock;
    }

    ReentrantLock syncLock() {
        return syncLock;
    }

    SegmentList segments() {
        return segments;
    }

    int directoryVersion() {
        return directoryVersion;
    }

    /** {@return what is written to watched partitions; one network thread} */
    public PartitionNews news() {
        return watches;
    }

    long cutStamp() {
        return cutStamp;
    }

    PartitionView view(final int partitionId) {
        final PartitionView view = views.get(partitionId);
        return view == null || view.isDeleted() ? null : view;
    }

    // --- cuts and recovery: engine thread, cold; while both locks are held or before anybody else knows the log

    void beginCut() {
        cutStamp++;
    }

    void endCut() {
        cutStamp++;
    }

    /** Puts a recovered segment at the end. */
    void adopt(final Segment segment) {
        segments.add(segment);
        activeIndex = segment.index() instanceof MemoryIndex index ? index : null;
    }

    /** Replaces the index of the newest segment by one that is cut or built again. */
    void replaceActiveIndex(final MemoryIndex index) {
        final Segment active = segments.last();
        spares.replaced.add(new SpareFiles.ReplacedIndex(active, active.index()));
        active.index(index);
        activeIndex = index;
    }

    /**
     * Says where the log ends now.
     *
     * @param newStart     base of the first segment
     * @param newEnd       behind the last frame
     * @param newLastCrc   of the last frame; ignored when there is none
     * @param newSynced    at most the end
     * @param newCommitted at most the end
     */
    void resume(
        final long newStart,
        final long newEnd,
        final int newLastCrc,
        final long newSynced,
        final long newCommitted) {
        startPosition = newStart;
        endPosition = newEnd;
        stateFrameEnd = -1;
        lastFrameCrc = isEmpty() ? salt : newLastCrc;
        staged.clear();
        rebuildViews();
        deletedAtPositions.clear();
        state.forEachDeletedPartition(partitionId -> deletedAtPositions.put(partitionId, newEnd));
        if (newEnd > marks.writtenAcquire()) {
            marks.writtenRelease(newEnd); // the larger mark first on the way up, last on the way down
        }
        marks.committedRelease(newCommitted);
        marks.syncedRelease(newSynced);
        marks.writtenRelease(newEnd);
    }

    /** Readers get the partitions as the state has them. */
    void rebuildViews() {
        final PartitionMap<PartitionView> rebuilt = new PartitionMap<>();
        state.forEachPartition((partitionId, logStartOffset, nextOffset) ->
            rebuilt.add(partitionId, new PartitionView(partitionId, logStartOffset, nextOffset, endPosition)));
        views = rebuilt;
    }

    /** After a state frame from a leader: log starts may have moved, partitions may have come or been deleted. */
    void refreshViews() {
        state.forEachDeletedPartition(partitionId -> {
            final PartitionView view = views.get(partitionId);
            if (view != null) {
                view.delete();
            }
            deletedAtPositions.putIfAbsent(partitionId, endPosition);
        });
        state.forEachPartition((partitionId, logStartOffset, nextOffset) -> {
            final PartitionView view = views.get(partitionId);
            if (view == null) {
                addView(partitionId, logStartOffset, nextOffset, endPosition);
            } else if (logStartOffset > view.logStartOffset()) {
                view.logStartOffset(logStartOffset);
            }
        });
    }
}
