package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.SealedIndex;
import io.millrace.engine.io.LogFile;
import io.millrace.engine.segment.SegmentNames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Checks segments, step by step, as recovery would: every frame on its own, the chain, offsets and epochs, the state
 * frame against what the segment before added up to, the sealed index against the frames. Owned by one thread.
 *
 * <p>Nothing is changed. After a damaged frame it looks for the next whole one, so that one flipped byte is one finding
 * and not the rest of the segment. It holds one window of the file, which grows to the longest frame, and two states.
 */
public final class SegmentVerifier {
    /** Sees each sound frame in passing. */
    @FunctionalInterface
    public interface FrameListener {
        /**
         * One frame; the memory is valid only during the call.
         *
         * @param buffer   holds it
         * @param index    of its first byte
         * @param position in the log
         */
        void onFrame(DirectBuffer buffer, int index, long position);
    }

    private static final int WINDOW_LENGTH = 256 * 1024;
    private static final int NO_EPOCH = -1;

    private final LogState state;
    private final LogState claimed;
    private final FrameChecker checker;
    private final FindingText texts = new FindingText();
    private final IndexComparison comparison = new IndexComparison();
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final VerifyTotals totals;
    private final Consumer<Finding> findings;
    private FrameListener frameListener = (frame, index, position) -> { };
    private ByteBuffer window;
    private int windowEnd;

    private LogFile file;
    private String name;
    private long basePosition;
    private long limitPosition;
    private long syncedPosition;
    private boolean isLast;
    private boolean isSearching;
    private boolean isStateKnown;
    private boolean isDone = true;
    private boolean isDamaged;
    private boolean isChained;
    private int at;
    private long position;
    private long readLength;
    private int lastFrameCrc;
    private int lastEpoch = NO_EPOCH;
    private String tail;

    /**
     * A verifier that has seen nothing.
     *
     * @param states   gives empty states
     * @param totals   counted up
     * @param findings hears of what is wrong
     */
    public SegmentVerifier(
        final Supplier<? extends LogState> states, final VerifyTotals totals, final Consumer<Finding> findings) {
        state = states.get();
        claimed = states.get();
        checker = new FrameChecker(state);
        this.totals = totals;
        this.findings = finding -> {
            totals.findingCount++;
            findings.accept(finding);
        };
    }

    /**
     * Sets who sees the sound frames.
     *
     * @param listener called for each
     * @return this
     */
    public SegmentVerifier frameListener(final FrameListener listener) {
        frameListener = listener;
        return this;
    }

    /** Nothing is known of what comes before the next segment. */
    public void forgetBefore() {
        isChained = false;
        isStateKnown = false;
        lastEpoch = NO_EPOCH;
    }

    /**
     * Says which frame comes before the next segment; without it the segment verified last does.
     *
     * @param crc header CRC of the frame before
     */
    void before(final int crc) {
        isChained = true;
        lastFrameCrc = crc;
        isStateKnown = false;
        lastEpoch = NO_EPOCH;
    }

    /**
     * Begins with a segment that another one follows.
     *
     * @param segment the file
     * @param base    its base position
     * @param end     base position of the next one
     * @param index   its sealed index, null when there is none
     */
    void beginSealed(final LogFile segment, final long base, final long end, final SealedIndex index) {
        begin(segment, SegmentNames.log(base), base, end);
        comparison.begin(index, SegmentNames.index(base));
    }

    /**
     * Begins with a segment that another one follows, without its index.
     *
     * @param segment the file
     * @param base    its base position
     * @param end     base position of the next one
     */
    public void beginSealed(final LogFile segment, final long base, final long end) {
        beginSealed(segment, base, end, null);
    }

    /**
     * Begins with a segment that no other one follows: the first frame that fails at or behind the synced mark is its
     * end, below that mark it is damage.
     *
     * @param segment the file
     * @param file    its name
     * @param base    its base position
     * @param synced  position up to which the log was synced; {@link Long#MAX_VALUE} to look for whole frames to the
     *                end of the file
     * @throws IOException when the file cannot be read
     */
    public void beginLast(final LogFile segment, final String file, final long base, final long synced)
        throws IOException {
        begin(segment, file, base, base + segment.length());
        comparison.begin(null, "");
        isLast = true;
        syncedPosition = Math.min(synced, limitPosition);
        isSearching = synced == Long.MAX_VALUE;
    }

    private void begin(final LogFile segment, final String fileName, final long base, final long limit) {
        file = segment;
        name = fileName;
        basePosition = base;
        limitPosition = limit;
        position = base;
        isLast = false;
        isSearching = true;
        isDone = false;
        isDamaged = false;
        tail = null;
        at = 0;
        windowEnd = 0;
        readLength = 0;
        checker.expect(base, lastFrameCrc, isChained, lastEpoch);
        totals.segmentCount++;
    }

    /** {@return whether the segment that was begun is through} */
    public boolean isDone() {
        return isDone;
    }

    /** {@return whether frames of this segment are damaged or missing} */
    public boolean isDamaged() {
        return isDamaged;
    }

    /** {@return position behind the last sound frame} */
    public long endPosition() {
        return position;
    }

    /** {@return why the last segment ends where it does, null when nothing was begun there} */
    public String tail() {
        return tail;
    }

    /**
     * Goes on with the segment.
     *
     * @param maxLength bytes to read, about
     * @return bytes read, 0 only when the segment is through
     * @throws IOException when the disk fails
     */
    public int step(final int maxLength) throws IOException {
        readLength = 0;
        while (!isDone && readLength < maxLength) {
            if (position >= limitPosition) {
                finish();
                break;
            }
            final int available = (int) Math.min(windowEnd - at, limitPosition - position);
            final int result = checker.check(buffer, at, available);
            if (result > 0) {
                accept(result);
            } else if (result != FrameChecker.INCOMPLETE || !fill(checker.neededLength())) {
                refuse(result);
            }
        }
        return (int) Math.max(readLength, isDone ? 0 : 1);
    }

    private void accept(final int alignedLength) throws IOException {
        final int type = FrameDescriptor.type(buffer, at);
        if ((type == FrameDescriptor.TYPE_STATE) != (position == basePosition)) {
            refuse(FrameChecker.OTHER_PLACE);
            return;
        }
        if (type == FrameDescriptor.TYPE_STATE && !isStateContinued()) {
            return;
        }
        FrameReplay.apply(state, buffer, at);
        checker.forgetPending();
        if (type == FrameDescriptor.TYPE_BATCH) {
            totals.batchCount++;
            totals.recordCount += BatchDescriptor.lastOffsetDelta(buffer, at + FrameDescriptor.HEADER_LENGTH) + 1;
            comparison.onBatch(buffer, at, position, findings);
        }
        totals.frameCount++;
        totals.verifiedLength += alignedLength;
        frameListener.onFrame(buffer, at, position);
        isChained = true;
        lastFrameCrc = checker.lastFrameCrc();
        lastEpoch = checker.lastEpoch();
        position += alignedLength;
        at += alignedLength;
    }

    /** Whether the state frame can be read; what it says is held against what came before. */
    private boolean isStateContinued() throws IOException {
        claimed.clear();
        final int length = FrameDescriptor.length(buffer, at) - FrameDescriptor.HEADER_LENGTH;
        if (!claimed.load(buffer, at + FrameDescriptor.HEADER_LENGTH, length)) {
            refuse(FrameChecker.BAD_STATE);
            return false;
        }
        final String difference = isStateKnown ? claimed.difference(state) : null;
        if (difference != null) {
            findings.accept(new Finding(Finding.Kind.SEGMENT, name, position,
                "state frame does not follow from the frames before it: " + difference, "", ""));
            isDamaged = true;
        }
        state.clear();
        isStateKnown = true;
        return true;
    }

    private void refuse(final int result) throws IOException {
        if (isLast && position >= syncedPosition && !isSearching) {
            tail = result == FrameChecker.END ? null : FrameChecker.describe(result);
            isDone = true;
            return;
        }
        if (isDamaged && result == FrameChecker.OTHER_OFFSET && anchor()) {
            return;
        }
        final long damagedPosition = position;
        final Finding finding = texts.describe(name, position, result, checker, state, buffer, at,
            (int) Math.min(windowEnd - at, limitPosition - position));
        final boolean hasNext = seek();
        if (!hasNext && isLast && isSearching && (result == FrameChecker.END || damagedPosition >= syncedPosition)) {
            position = damagedPosition; // nothing but unused space behind it
            tail = result == FrameChecker.END ? null : FrameChecker.describe(result);
            isDone = true;
            return;
        }
        findings.accept(finding);
        totals.unreadableLength += position - damagedPosition;
        isDamaged = true;
        isStateKnown = false;
        comparison.giveUp();
    }

    /** Batches are missing before this one: the partition goes on from here. */
    private boolean anchor() throws IOException {
        final int partitionId = FrameDescriptor.partitionId(buffer, at);
        final long baseOffset = BatchDescriptor.baseOffset(buffer, at + FrameDescriptor.HEADER_LENGTH);
        if (!state.skipTo(partitionId, baseOffset)) {
            return false;
        }
        final int result = checker.check(buffer, at, windowEnd - at);
        if (result > 0) {
            accept(result);
        }
        return result > 0;
    }

    /** Moves to the next whole frame behind the present position, or to the segment's end. */
    private boolean seek() throws IOException {
        final int alignment = FrameDescriptor.ALIGNMENT;
        while (true) {
            position += alignment;
            at += alignment;
            if (position >= limitPosition) {
                position = limitPosition;
                isChained = false;
                isStateKnown = false;
                return false;
            }
            if (windowEnd - at < FrameDescriptor.HEADER_LENGTH && !fill(FrameDescriptor.HEADER_LENGTH)) {
                continue;
            }
            if (FrameDescriptor.position(buffer, at) == position && isWhole()) {
                checker.expect(position, 0, false, FrameDescriptor.leaderEpoch(buffer, at));
                return true;
            }
        }
    }

    private boolean isWhole() throws IOException {
        final int epoch = FrameDescriptor.leaderEpoch(buffer, at);
        checker.expect(position, 0, false, epoch);
        int result = checker.check(buffer, at, (int) Math.min(windowEnd - at, limitPosition - position));
        while (result == FrameChecker.INCOMPLETE && fill(checker.neededLength())) {
            result = checker.check(buffer, at, (int) Math.min(windowEnd - at, limitPosition - position));
        }
        return epoch >= lastEpoch && (result > 0 || result == FrameChecker.OTHER_OFFSET);
    }

    private void finish() {
        isDone = true;
        if (!isDamaged) {
            comparison.finish(position, lastFrameCrc, findings);
        }
    }

    /** Moves what is left to the front and reads behind it; false when the segment has not as much as is needed. */
    private boolean fill(final int neededLength) throws IOException {
        final long fileOffset = position - basePosition;
        if (neededLength > Math.min(limitPosition - position, file.length() - fileOffset)) {
            return false;
        }
        final int keptLength = Math.max(0, windowEnd - at);
        if (window == null || neededLength > window.capacity()) {
            // on the heap: it is dropped with its owner, and nothing else gives direct memory back in time
            final ByteBuffer grown = ByteBuffer.allocate(Math.max(WINDOW_LENGTH, neededLength));
            if (keptLength > 0) {
                grown.put(0, window, at, keptLength);
            }
            window = grown;
            buffer.wrap(window);
        } else if (keptLength > 0) {
            window.put(0, window, at, keptLength);
        }
        window.clear().position(keptLength);
        while (window.hasRemaining() && file.read(window, fileOffset + window.position()) >= 0) {
            continue;
        }
        readLength += window.position() - keptLength;
        windowEnd = window.position();
        at = 0;
        return windowEnd >= neededLength;
    }
}
