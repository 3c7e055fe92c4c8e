package io.millrace.broker.replication;

/**
 * Bytes of one segment that one replica asks of another. Immutable.
 *
 * @param shardId      the shard
 * @param basePosition of the segment
 * @param endPosition  of the segment
 * @param position     of the first byte
 * @param length       bytes, at most {@link #MAX_LENGTH}
 */
public record RepairRange(int shardId, long basePosition, long endPosition, long position, int length) {
    /** Most bytes of one request. */
    public static final int MAX_LENGTH = 256 * 1024;

    /** {@return whether it lies in its segment and asks for something} */
    boolean isValid() {
        return basePosition >= 0 && position >= basePosition && length > 0 && length <= MAX_LENGTH
            && endPosition - position >= length;
    }

    boolean isSameSegment(final RepairRange other) {
        return other != null && shardId == other.shardId && basePosition == other.basePosition
            && endPosition == other.endPosition;
    }
}
