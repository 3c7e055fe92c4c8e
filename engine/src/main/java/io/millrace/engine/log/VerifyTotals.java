package io.millrace.engine.log;

/** What a verification has seen so far. Owned by the thread that verifies. */
public final class VerifyTotals {
    long segmentCount;
    long frameCount;
    long batchCount;
    long recordCount;
    long verifiedLength;
    long unreadableLength;
    long findingCount;

    /** {@return segments gone through} */
    public long segmentCount() {
        return segmentCount;
    }

    /** {@return whole, sound frames} */
    public long frameCount() {
        return frameCount;
    }

    /** {@return batches among them} */
    public long batchCount() {
        return batchCount;
    }

    /** {@return records in those batches, by their offsets} */
    public long recordCount() {
        return recordCount;
    }

    /** {@return bytes of sound frames} */
    public long verifiedLength() {
        return verifiedLength;
    }

    /** {@return bytes between a damaged frame and the next whole one} */
    public long unreadableLength() {
        return unreadableLength;
    }

    /** {@return findings} */
    public long findingCount() {
        return findingCount;
    }

    /**
     * Adds another count to this one.
     *
     * @param other of another shard
     */
    public void add(final VerifyTotals other) {
        segmentCount += other.segmentCount;
        frameCount += other.frameCount;
        batchCount += other.batchCount;
        recordCount += other.recordCount;
        verifiedLength += other.verifiedLength;
        unreadableLength += other.unreadableLength;
        findingCount += other.findingCount;
    }
}
