package io.millrace.engine.log;

import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.segment.Segment;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2LongHashMap;

/**
 * Opens a log: finds where it ends, tells a torn tail from corruption, and builds state and indexes. Used once, by the
 * thread that opens.
 *
 * <p>The last segment that the checkpoint says is synced is scanned from its state frame, and all behind it. The first
 * frame that fails is the end of the log if it lies at or behind the synced mark. Below that mark it is corruption:
 * that segment and those behind it are renamed, never cut. Older segments count as checked when their index file is
 * whole; else they are scanned too and the index is built again.
 */
public final class LogRecovery {
    private static final int UNKNOWN = -1;
    private static final int CUT_LENGTH = 32;
    private static final int COPY_LENGTH = 256 * 1024;

    private final LogConfiguration configuration;
    private final LogStorage storage;
    private final LogState state;
    private final Supplier<? extends LogState> scratchStates;
    private final LogHealth health;
    private final int salt;

    private final List<String> droppedFiles = new ArrayList<>();
    private final List<String> quarantinedFiles = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Segment> segments = new ArrayList<>();
    private List<Long> bases = new ArrayList<>();
    private Set<Long> quarantinedBases = Set.of();
    private Checkpoint checkpoint;
    private FrameScanner scanner;
    private long endPosition;
    private long scannedLength;
    private long tornPosition = UNKNOWN;
    private int rebuiltIndexCount;
    private SegmentedLog log;

    /**
     * Prepares to open a log.
     *
     * @param configuration of the log
     * @param storage       its directory
     * @param state         empty; becomes the log's
     * @param scratchStates gives empty states, for segments whose index is built again
     * @param errorHandler  hears of what goes wrong later on
     * @param salt          random, begins the chain of a new log
     */
    public LogRecovery(
        final LogConfiguration configuration,
        final LogStorage storage,
        final LogState state,
        final Supplier<? extends LogState> scratchStates,
        final ErrorHandler errorHandler,
        final int salt) {
        this.configuration = configuration;
        this.storage = storage;
        this.state = state;
        this.scratchStates = scratchStates;
        this.salt = salt;
        health = new LogHealth(configuration.name(), errorHandler);
    }

    /**
     * Opens the log.
     *
     * @return the log, ready for writing behind its last whole frame
     * @throws CorruptLogException when it is damaged and damage is refused
     * @throws IOException         when the disk fails
     */
    public SegmentedLog open() throws IOException {
        boolean isOpen = false;
        try {
            collectFiles();
            while (!scanAll()) {
                closeSegments();
            }
            finish();
            isOpen = true;
        } finally {
            if (!isOpen) {
                closeSegments();
            }
        }
        return log;
    }

    /** {@return what {@link #open} found} */
    public RecoveryReport report() {
        return new RecoveryReport(log.startPosition(), endPosition, scannedLength, tornPosition,
            List.copyOf(droppedFiles), List.copyOf(quarantinedFiles), rebuiltIndexCount, List.copyOf(notes));
    }

    private void collectFiles() throws IOException {
        quarantinedBases = QuarantineFiles.restore(storage);
        final List<String> names = storage.list();
        checkpoint = Checkpoint.load(storage);
        if (checkpoint == null) {
            if (names.contains(SegmentNames.CHECKPOINT)) {
                notes.add("checkpoint of " + health.name() + " is damaged and ignored: damage to its log cannot be told"
                    + " from a torn tail this time");
            }
            checkpoint = new Checkpoint(0, UNKNOWN);
        }
        for (final String name : names) {
            if (name.endsWith(SegmentNames.TEMPORARY_SUFFIX) || name.endsWith(SegmentNames.PREPARED_SUFFIX)) {
                storage.delete(name);
            }
            final long base = SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX);
            if (base >= 0) {
                bases.add(base);
            }
        }
        Collections.sort(bases);
        while (!bases.isEmpty() && bases.get(0) < checkpoint.startPosition()) {
            deleteSegment(bases.remove(0)); // given back, but the deletion did not reach the disk
        }
        for (final String name : names) {
            final long base = SegmentNames.basePosition(name, SegmentNames.INDEX_SUFFIX);
            if (base >= 0 && !bases.contains(base)) {
                storage.delete(name);
            }
        }
    }

    /** One pass over the files; false when some were taken away and the pass has to be made again. */
    private boolean scanAll() throws IOException {
        final long synced = checkpoint.syncedPosition();
        state.clear();
        scanner = new FrameScanner(state);
        if (bases.isEmpty() || checkpoint.startPosition() >= 0 && bases.get(0) != checkpoint.startPosition()) {
            return scanWithoutFirst(synced);
        }
        int scanFrom = 0;
        for (int i = 0; i < bases.size(); i++) {
            scanFrom = bases.get(i) <= synced ? i : scanFrom;
        }
        for (int i = 0; i < scanFrom; i++) {
            if (!openOlder(i)) {
                return false;
            }
        }
        endPosition = bases.get(scanFrom);
        for (int i = scanFrom; i < bases.size(); i++) {
            final long base = bases.get(i);
            final long limit = i + 1 < bases.size() ? bases.get(i + 1) : Long.MAX_VALUE;
            final MemoryIndex index = new MemoryIndex();
            final LogFile file = storage.open(SegmentNames.log(base), false);
            segments.add(new Segment(base, file, index));
            endPosition = scanner.scan(file, base, limit, index);
            scannedLength += endPosition - base;
            if (endPosition == base && i > 0
                && scanner.continues(segments.get(i - 1).file(), segments.get(i - 1).basePosition(), base)) {
                return dropLeftover(i);
            }
            if (endPosition != limit) {
                return endAt(i, scanFrom, synced);
            }
            segments.get(i).lastFrameCrc(scanner.lastFrameCrc());
        }
        return true;
    }

    /** There is no segment at the start: a new log, or one whose files were taken away. */
    private boolean scanWithoutFirst(final long synced) throws IOException {
        final long start = Math.max(0, checkpoint.startPosition());
        if (synced > start) {
            return corrupt(0, start, "the segment file is missing: " + SegmentNames.log(start));
        }
        if (!bases.isEmpty()) {
            checkpoint = new Checkpoint(synced, bases.get(0));
            return false;
        }
        endPosition = start;
        return true;
    }

    private boolean openOlder(final int i) throws IOException {
        final long base = bases.get(i);
        final long limit = bases.get(i + 1);
        final LogFile file = storage.open(SegmentNames.log(base), false);
        // a file that is too short is read to the place where it breaks off, whatever its index says
        final SealedIndex sealed = file.length() < limit - base ? null : openIndex(base, limit);
        SegmentIndex index = sealed;
        if (sealed != null) {
            scanner.before(sealed.lastFrameCrc(), true, UNKNOWN);
        } else {
            rebuiltIndexCount++;
            final MemoryIndex rebuilt = new MemoryIndex();
            final FrameScanner own = new FrameScanner(scratchStates.get());
            final long end = own.scan(file, base, limit, rebuilt);
            scannedLength += end - base;
            if (end != limit) {
                file.close();
                return corrupt(i, end, FrameChecker.describe(own.result()));
            }
            index = rebuilt;
            scanner.before(own.lastFrameCrc(), true, own.lastEpoch());
        }
        segments.add(new Segment(base, file, index));
        segments.get(i).lastFrameCrc(scanner.lastFrameCrc());
        if (sealed != null && quarantinedBases.contains(base)) {
            segments.get(i).quarantined(true);
            notes.add("segment of " + health.name() + " is still in quarantine and not served: file="
                + SegmentNames.log(base));
        }
        return true;
    }

    private SealedIndex openIndex(final long base, final long endOfSegment) throws IOException {
        final String name = SegmentNames.index(base);
        if (!storage.list().contains(name)) {
            return null;
        }
        final SealedIndex index = SealedIndex.open(storage, name, base);
        if (index != null && index.endPosition() == endOfSegment) {
            return index;
        }
        if (index != null) {
            index.close();
        }
        notes.add("index file of " + health.name() + " is damaged and built again: file=" + name);
        storage.delete(name);
        return null;
    }

    /** A roll that failed left this file, and the log went on in the segment before. */
    private boolean dropLeftover(final int i) throws IOException {
        final long base = bases.remove(i);
        segments.remove(i).file().close();
        deleteSegment(base);
        return false;
    }

    /** The scan ended before the next segment begins. */
    private boolean endAt(final int i, final int scanFrom, final long synced) throws IOException {
        if (endPosition < synced) {
            return corrupt(i, endPosition, FrameChecker.describe(scanner.result()));
        }
        final boolean isEmptySegment = endPosition == bases.get(i);
        if (scanner.isTorn() || i + 1 < bases.size()) {
            tornPosition = endPosition;
            notes.add("torn tail of " + health.name() + " cut: position=" + endPosition + " reason="
                + FrameChecker.describe(scanner.result()));
        }
        final int keptCount = isEmptySegment ? i : i + 1;
        while (bases.size() > keptCount) {
            final long base = bases.remove(bases.size() - 1); // newest first: a crash in between leaves no gap
            droppedFiles.add(SegmentNames.log(base));
            if (segments.size() > bases.size()) {
                segments.remove(segments.size() - 1).file().close();
            }
            deleteSegment(base);
        }
        if (isEmptySegment && i == scanFrom && i > 0) {
            return false; // the state is in the segment before
        }
        if (bases.isEmpty()) {
            state.clear();
        }
        return true;
    }

    /** Sets aside the damaged segment and all behind it, or refuses to open. */
    private boolean corrupt(final int i, final long position, final String reason) throws IOException {
        final String file = i < bases.size() ? SegmentNames.log(bases.get(i)) : SegmentNames.log(position);
        final String text = "shard log is damaged where it was synced: directory=" + storage + " file=" + file
            + " position=" + position + " reason=" + reason;
        if (configuration.isDamageRefused()) {
            throw new CorruptLogException(text, "there is no other replica to fetch it from: restore the file from a"
                + " backup, or give up everything from this segment on by moving it and all later .log and .index files"
                + " and the checkpoint file out of the directory");
        }
        notes.add(text + "; the segments from there on are set aside as *"
            + SegmentNames.QUARANTINED_SUFFIX + " and fetched from the leader; delete those files once you need them no"
            + " more");
        final long start = i == 0 ? 0 : Math.max(0, checkpoint.startPosition());
        final long synced = i == 0 ? 0 : Math.min(checkpoint.syncedPosition(), bases.get(i));
        // first, so that a crash in between does not make the segment before look damaged
        checkpoint = new Checkpoint(synced, start);
        checkpoint.store(storage);
        closeSegments();
        for (int j = bases.size() - 1; j >= i; j--) {
            final long base = bases.remove(j);
            final String name = SegmentNames.log(base);
            storage.rename(name, name + SegmentNames.QUARANTINED_SUFFIX);
            storage.delete(SegmentNames.index(base));
            storage.delete(SegmentNames.quarantine(base));
            quarantinedFiles.add(name);
        }
        storage.syncDirectory();
        return false;
    }

    private void finish() throws IOException {
        if (!segments.isEmpty()) {
            cutBehindEnd();
            for (final Segment segment : segments) {
                if (segment.index() instanceof MemoryIndex) {
                    // one from before a crash may describe frames that are no longer the same
                    storage.delete(SegmentNames.index(segment.basePosition()));
                    if (quarantinedBases.contains(segment.basePosition())) {
                        storage.delete(SegmentNames.quarantine(segment.basePosition())); // it was read, and is whole
                    }
                    writeAgain(segment);
                    segment.file().sync(); // a process that was killed left them in the page cache only
                }
            }
        }
        storage.syncDirectory();
        final long start = segments.isEmpty() ? endPosition : segments.get(0).basePosition();
        new Checkpoint(endPosition, start).store(storage);
        log = new SegmentedLog(configuration, storage, state, health, salt);
        segments.forEach(log::adopt);
        raiseLogStarts();
        log.resume(start, endPosition, segments.isEmpty() ? salt : scanner.lastFrameCrc(), endPosition, start);
    }

    /**
     * Writes once more what no sync is known to cover. A sync that failed in an earlier process has left it in the page
     * cache as if it were on the disk: a sync alone would pass it over and succeed.
     */
    private void writeAgain(final Segment segment) throws IOException {
        final long base = segment.basePosition();
        long fileOffset = Math.max(0, checkpoint.syncedPosition() - base);
        final long end = Math.min(endPosition - base, segment.file().length());
        final ByteBuffer block = ByteBuffer.allocateDirect((int) Math.max(0, Math.min(COPY_LENGTH, end - fileOffset)));
        while (fileOffset < end) {
            block.clear().limit((int) Math.min(block.capacity(), end - fileOffset));
            if (segment.file().read(block, fileOffset) <= 0) {
                throw new IOException("file is shorter than it was: " + segment.file());
            }
            block.flip();
            while (block.hasRemaining()) {
                segment.file().write(block, fileOffset + block.position());
            }
            fileOffset += block.limit();
        }
    }

    /** What lies behind the end does not count now; zeros make sure that it never will. */
    private void cutBehindEnd() throws IOException {
        final Segment last = segments.get(segments.size() - 1);
        cut(last.file(), endPosition - last.basePosition());
    }

    static void cut(final LogFile file, final long fileOffset) throws IOException {
        final long room = file.length() - fileOffset;
        final ByteBuffer zeros = ByteBuffer.allocate((int) Math.max(0, Math.min(CUT_LENGTH, room)));
        while (zeros.hasRemaining()) {
            file.write(zeros, fileOffset + zeros.position());
        }
    }

    /** The state frame may be older than the last segments that were given back. */
    private void raiseLogStarts() {
        final Long2LongHashMap firstOffsets = new Long2LongHashMap(UNKNOWN);
        for (final Segment segment : segments) {
            segment.index().forEachPartition((partitionId, firstOffset, nextOffset, length) -> {
                firstOffsets.putIfAbsent(partitionId, firstOffset);
                return true;
            });
        }
        final List<long[]> moves = new ArrayList<>();
        state.forEachPartition((partitionId, logStartOffset, nextOffset) -> {
            final long first = firstOffsets.get(partitionId);
            final long kept = first == UNKNOWN ? nextOffset : first;
            if (kept > logStartOffset) {
                moves.add(new long[] {partitionId, kept});
            }
        });
        moves.forEach(move -> state.logStartOffset((int) move[0], move[1]));
    }

    private void deleteSegment(final long base) throws IOException {
        storage.delete(SegmentNames.index(base));
        storage.delete(SegmentNames.log(base));
    }

    private void closeSegments() throws IOException {
        for (final Segment segment : segments) {
            segment.file().close();
            if (segment.index() instanceof SealedIndex sealed) {
                sealed.close();
            }
        }
        segments.clear();
    }
}
