package io.millrace.engine.log;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The log as its writer sees it: whole blocks of whole frames, appended or not. Owned by the engine thread.
 *
 * <p>Order of calls: for a block, {@link #stageBatch} once per batch frame in it, then {@link #writeBlock}. When
 * {@link #room()} is less than the next frame's aligned length, {@link #roll} first; an empty log has no room at all,
 * so its first write is a roll too.
 */
public interface BlockLog {
    /** {@return position after the last frame written, where the next one goes} */
    long endPosition();

    /** {@return header CRC of the last frame written, the shard's salt in an empty log: the next previousCrc} */
    int lastFrameCrc();

    /** {@return bytes that frames may still take in the active segment, a multiple of the alignment} */
    int room();

    /** {@return longest frame, aligned, that fits into a fresh segment behind a state frame of the usual length} */
    int maxFrameLength();

    /**
     * Begins a new segment at {@link #endPosition()} with a state frame. Either it begins or nothing changes.
     *
     * @param stateFrame one whole frame, padding included, from the buffer's position to its limit; its position field
     *                   is {@link #endPosition()}, its previousCrc {@link #lastFrameCrc()}
     * @throws IOException when nothing of it counts; {@link StorageFullException} when that may pass
     */
    void roll(ByteBuffer stateFrame) throws IOException;

    /**
     * Notes a batch frame of the block that {@link #writeBlock} will write next; readers see it once that succeeded.
     *
     * @param partitionId    id within the shard
     * @param baseOffset     offset of its first record
     * @param nextOffset     offset after its last record
     * @param position       of its frame
     * @param batchLength    of the whole batch in bytes, without the frame header
     * @param maxTimestampMs its largest timestamp
     */
    void stageBatch(
        int partitionId, long baseOffset, long nextOffset, long position, int batchLength, long maxTimestampMs);

    /** Forgets what was staged since the last {@link #writeBlock}. */
    void discardStaged();

    /**
     * Writes whole frames at {@link #endPosition()}, in as many writes as it takes, then publishes the staged batches
     * and the written mark.
     *
     * <p>After an exception nothing of the block counts: the end is where it was, the next write goes to the same place
     * and whatever part of the block reached the disk is overwritten or does not continue the chain.
     *
     * @param wholeFrames  from the buffer's position to its limit, padding included; at most {@link #room()} bytes
     * @param lastFrameCrc header CRC of the block's last frame
     * @throws IOException when nothing of it counts; {@link StorageFullException} when that may pass
     */
    void writeBlock(ByteBuffer wholeFrames, int lastFrameCrc) throws IOException;

    /** {@return whether a failed write or sync took the log offline for good; any thread} */
    boolean isOffline();
}
