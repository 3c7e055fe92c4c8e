package io.millrace.engine.log;

import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.FrameDescriptor;
import io.millrace.engine.index.MemoryIndex;
import io.millrace.engine.io.LogFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Goes through a segment from its state frame on, checks each frame and applies it. Owned by one thread.
 */
final class FrameScanner {
    private static final int USUAL_BUFFER_LENGTH = 1024 * 1024;

    private final LogState state;
    private final FrameChecker checker;
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private ByteBuffer bytes;
    private int bytesEnd;
    private int result;
    private long endPosition;
    private int lastFrameCrc;
    private int lastEpoch;
    private boolean isChained;
    private boolean isTorn;

    FrameScanner(final LogState state) {
        this.state = state;
        checker = new FrameChecker(state);
    }

    /** {@return why the last scan ended, a result of {@link FrameChecker}; larger than 0 when it reached its limit} */
    int result() {
        return result;
    }

    /**
     * {@return whether the last scan ended at a frame that was begun for that place, rather than at space that was
     * never used or holds what an earlier use of the file left}
     */
    boolean isTorn() {
        return isTorn;
    }

    /** {@return position behind the last accepted frame} */
    long endPosition() {
        return endPosition;
    }

    /** {@return header CRC of the last accepted frame} */
    int lastFrameCrc() {
        return lastFrameCrc;
    }

    /** {@return epoch of the last accepted frame} */
    int lastEpoch() {
        return lastEpoch;
    }

    /**
     * Says which frame comes before the segment that is scanned next; without it any previousCrc is right.
     *
     * @param crc       of the frame before
     * @param hasBefore whether it is known
     * @param epoch     of the frame before, -1 when unknown
     */
    void before(final int crc, final boolean hasBefore, final int epoch) {
        lastFrameCrc = crc;
        lastEpoch = epoch;
        isChained = hasBefore;
    }

    /**
     * Scans one segment.
     *
     * @param file          the segment
     * @param basePosition  of it
     * @param limitPosition where to stop, at latest
     * @param index         takes the batches
     * @return position behind the last accepted frame
     * @throws IOException when the disk fails
     */
    long scan(final LogFile file, final long basePosition, final long limitPosition, final MemoryIndex index)
        throws IOException {
        checker.expect(basePosition, lastFrameCrc, isChained, lastEpoch);
        endPosition = basePosition;
        bytesEnd = 0;
        result = 1;
        int at = 0;
        while (endPosition < limitPosition) {
            result = checker.check(buffer, at, bytesEnd - at);
            if (result == FrameChecker.INCOMPLETE) {
                if (!fill(file, at, endPosition - basePosition)) {
                    break;
                }
                at = 0;
            } else if (result <= 0 || !accept(at, basePosition, index)) {
                break;
            } else {
                at += result;
            }
        }
        isTorn = result == FrameChecker.INCOMPLETE
            || result <= 0 && bytesEnd - at >= FrameDescriptor.HEADER_LENGTH && isBegun(at);
        return endPosition;
    }

    private boolean isBegun(final int at) {
        return FrameDescriptor.position(buffer, at) == endPosition && FrameDescriptor.length(buffer, at) != 0
            || isChained && FrameDescriptor.previousCrc(buffer, at) == lastFrameCrc;
    }

    /**
     * {@return whether a frame that continues the chain is at a position; nothing is applied}
     *
     * @param file         the segment
     * @param basePosition of it
     * @param position     behind the last accepted frame
     * @throws IOException when the disk fails
     */
    boolean continues(final LogFile file, final long basePosition, final long position) throws IOException {
        checker.expect(position, lastFrameCrc, isChained, lastEpoch);
        bytesEnd = 0;
        final int scanResult = result;
        int check = checker.check(buffer, 0, 0);
        while (check == FrameChecker.INCOMPLETE && fill(file, 0, position - basePosition)) {
            check = checker.check(buffer, 0, bytesEnd);
        }
        result = scanResult;
        // its offset may be unknown to the state so far
        return check > 0 || check == FrameChecker.OTHER_OFFSET;
    }

    private boolean accept(final int at, final long basePosition, final MemoryIndex index) {
        final int type = FrameDescriptor.type(buffer, at);
        if ((type == FrameDescriptor.TYPE_STATE) != (endPosition == basePosition)) {
            result = FrameChecker.OTHER_PLACE;
            return false;
        }
        if (!FrameReplay.apply(state, buffer, at)) {
            result = FrameChecker.BAD_STATE;
            return false;
        }
        checker.forgetPending();
        if (type == FrameDescriptor.TYPE_BATCH) {
            final int batchIndex = at + FrameDescriptor.HEADER_LENGTH;
            index.add(
                FrameDescriptor.partitionId(buffer, at),
                BatchDescriptor.baseOffset(buffer, batchIndex),
                BatchDescriptor.nextOffset(buffer, batchIndex),
                endPosition,
                BatchDescriptor.totalLength(buffer, batchIndex),
                BatchDescriptor.maxTimestampMs(buffer, batchIndex));
        }
        endPosition = checker.position();
        lastFrameCrc = checker.lastFrameCrc();
        lastEpoch = checker.lastEpoch();
        isChained = true;
        return true;
    }

    /** Moves what is left to the front and reads behind it; false when the file has not as much as is needed. */
    private boolean fill(final LogFile file, final int at, final long fileOffset) throws IOException {
        final int keptLength = bytesEnd - at;
        final int neededLength = checker.neededLength();
        if (neededLength > file.length() - fileOffset) {
            result = isZero(file, fileOffset) ? FrameChecker.END : FrameChecker.INCOMPLETE;
            return false;
        }
        final int usefulLength = (int) Math.min(USUAL_BUFFER_LENGTH, file.length());
        if (bytes == null || Math.max(usefulLength, neededLength) > bytes.capacity()) {
            final ByteBuffer grown = ByteBuffer.allocateDirect(Math.max(usefulLength, neededLength));
            if (keptLength > 0) {
                grown.put(0, bytes, at, keptLength);
            }
            bytes = grown;
            buffer.wrap(bytes);
        } else if (keptLength > 0) {
            bytes.put(0, bytes, at, keptLength);
        }
        bytes.clear().position(keptLength);
        while (bytes.hasRemaining() && file.read(bytes, fileOffset + bytes.position()) >= 0) {
            continue;
        }
        bytesEnd = bytes.position();
        if (bytesEnd < neededLength) {
            result = FrameChecker.INCOMPLETE;
            return false;
        }
        return true;
    }

    private static boolean isZero(final LogFile file, final long fileOffset) throws IOException {
        final ByteBuffer rest = ByteBuffer.allocate(FrameDescriptor.HEADER_LENGTH);
        while (rest.hasRemaining() && file.read(rest, fileOffset + rest.position()) >= 0) {
            continue;
        }
        for (int i = 0; i < rest.position(); i++) {
            if (rest.get(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
