package io.millrace.engine.segment;

import io.millrace.engine.index.SegmentIndex;
import io.millrace.engine.io.LogFile;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One file of a shard's log. The engine thread writes it, any thread reads it while it holds a pin.
 *
 * <p>A reader pins first and looks at file and index afterwards. Maintenance replaces them first and looks at the pins
 * afterwards. So what was replaced while nobody held a pin is read by nobody.
 *
 * <p>In quarantine a segment is there and not to be read: bytes of it are damaged.
 */
public final class Segment {
    private static final int RETIRED = Integer.MIN_VALUE;

    private final long basePosition;
    private final AtomicInteger pins = new AtomicInteger();
    private volatile LogFile file;
    private volatile SegmentIndex index;
    private volatile int lastFrameCrc;
    private volatile boolean isUnlinked;
    private volatile boolean isQuarantined;
    private volatile boolean isSuspect;

    /**
     * A segment in use.
     *
     * @param basePosition position of its first frame
     * @param file         holds the frames, file offset = position - base position
     * @param index        where its batches are
     */
    public Segment(final long basePosition, final LogFile file, final SegmentIndex index) {
        this.basePosition = basePosition;
        this.file = file;
        this.index = index;
    }

    /** {@return position of its first frame} */
    public long basePosition() {
        return basePosition;
    }

    /** {@return its file} */
    public LogFile file() {
        return file;
    }

    /**
     * Replaces the file. Maintenance.
     *
     * @param newFile with the bytes that the other replicas have
     */
    public void file(final LogFile newFile) {
        file = newFile;
    }

    /** {@return whether bytes of it are damaged, so that nobody may be served from it} */
    public boolean isQuarantined() {
        return isQuarantined;
    }

    /**
     * Puts it into quarantine or takes it out. Maintenance, or the thread that opens the log.
     *
     * @param newQuarantined whether it must not be served
     */
    public void quarantined(final boolean newQuarantined) {
        isQuarantined = newQuarantined;
    }

    /** {@return whether somebody met something wrong in it} */
    public boolean isSuspect() {
        return isSuspect;
    }

    /**
     * Asks maintenance to check it soon, or notes that it did. Any thread.
     *
     * @param newSuspect whether something seemed wrong
     */
    public void suspect(final boolean newSuspect) {
        isSuspect = newSuspect;
    }

    /** {@return where its batches are} */
    public SegmentIndex index() {
        return index;
    }

    /**
     * Replaces the index. Maintenance, or the engine thread while maintenance is locked out.
     *
     * @param newIndex with the same entries
     */
    public void index(final SegmentIndex newIndex) {
        index = newIndex;
    }

    /** {@return header CRC of its last frame, once the next segment has begun} */
    public int lastFrameCrc() {
        return lastFrameCrc;
    }

    /**
     * Notes the header CRC of the last frame, before the next segment begins. Engine thread.
     *
     * @param crc of the last frame
     */
    public void lastFrameCrc(final int crc) {
        lastFrameCrc = crc;
    }

    /** {@return whether its files were deleted already, so that their names may belong to another segment} */
    public boolean isUnlinked() {
        return isUnlinked;
    }

    /** Notes that its files were deleted. Engine thread, while maintenance is locked out. */
    public void unlinked() {
        isUnlinked = true;
    }

    /** {@return whether the segment is now held for a reader, false when it was given back already} */
    public boolean tryPin() {
        int count = pins.get();
        while (count >= 0) {
            if (pins.compareAndSet(count, count + 1)) {
                return true;
            }
            count = pins.get();
        }
        return false;
    }

    /** Lets go of one pin. */
    public void unpin() {
        if (pins.decrementAndGet() < 0) {
            throw new IllegalStateException("unpinned without a pin: basePosition=" + basePosition);
        }
    }

    /** {@return whether any reader holds it} */
    public boolean isPinned() {
        return pins.get() > 0;
    }

    /** {@return whether nobody holds it and from now on nobody can} */
    public boolean tryRetire() {
        return pins.compareAndSet(0, RETIRED);
    }
}
