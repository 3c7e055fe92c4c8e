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
    private static final int ASKED_ANEW = -2;

    /** {@return a report that says nothing: the broker is asked for another one} */
    static ShardReport askedAnew(final int shardId) {
        return new ShardReport(shardId, ASKED_ANEW, 0, false);
    }

    /** {@return whether the broker is asked for another report} */
    boolean isAskedAnew() {
        return lastEpoch == ASKED_ANEW;
    }

    /** {@return whether this log goes further than another one: by epoch first, then by position} */
    boolean isAheadOf(final ShardReport other) {
        return lastEpoch != other.lastEpoch ? lastEpoch > other.lastEpoch : endPosition > other.endPosition;
    }
}
