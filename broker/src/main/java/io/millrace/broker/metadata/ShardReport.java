package io.millrace.broker.metadata;

/**
 * What a broker found in one of its shard logs when it started.
 *
 * @param shardId     the shard
 * @param lastEpoch   leader epoch of the last frame, -1 when there is none
 * @param endPosition end of the log
 * @param damaged     whether the log lacks what it once held: damaged below its synced mark, or not there at all
 *                    although the shard is older than this start
 */
public record ShardReport(int shardId, int lastEpoch, long endPosition, boolean damaged) {
    /** {@return whether this log goes further than another one: by epoch first, then by position} */
    boolean isAheadOf(final ShardReport other) {
        return lastEpoch != other.lastEpoch ? lastEpoch > other.lastEpoch : endPosition > other.endPosition;
    }
}
