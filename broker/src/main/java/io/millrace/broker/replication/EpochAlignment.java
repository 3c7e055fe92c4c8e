package io.millrace.broker.replication;

import io.millrace.engine.ShardLog;
import org.agrona.DirectBuffer;

/**
 * Finds where a follower's log still agrees with the leader's: the end of the largest epoch both know, in the log where
 * it is shorter. An epoch has one leader and one start, and frames are chained, so two logs that both hold an epoch
 * agree up to there.
 */
final class EpochAlignment {
    /** Nothing the follower keeps can be continued: it has to start anew from the leader's first segment. */
    static final long RESET = -1;

    private EpochAlignment() {
    }

    /**
     * {@return position up to which the follower's log agrees, or {@link #RESET}}
     *
     * @param log    the leader's
     * @param buffer holds a whole {@link FetchFromMessage}
     * @param index  of the message
     */
    static long agreedPosition(final ShardLog log, final DirectBuffer buffer, final int index) {
        final int count = MessageHeader.entryCount(buffer, index);
        final long followerStart = FetchFromMessage.startPosition(buffer, index);
        final long followerEnd = FetchFromMessage.endPosition(buffer, index);
        if (followerEnd == followerStart || count == 0) {
            // An empty log takes any first frame, so only the leader's first one will do.
            return followerEnd == followerStart && followerEnd == log.startPosition() ? followerEnd : RESET;
        }
        long epochEnd = followerEnd;
        for (int i = 0; i < count; i++) {
            final int epoch = FetchFromMessage.epochAt(buffer, index, i);
            if (knows(log, epoch)) {
                return withinBoth(log, followerStart, Math.min(epochEnd, log.epochEnd(epoch)));
            }
            epochEnd = FetchFromMessage.epochStartAt(buffer, index, i);
        }
        // None of those is ours; what lies before the oldest of them may be.
        return FetchFromMessage.hasOlderEpochs(buffer, index) ? withinBoth(log, followerStart, epochEnd) : RESET;
    }

    private static long withinBoth(final ShardLog log, final long followerStart, final long position) {
        return position > followerStart && position >= log.startPosition() ? position : RESET;
    }

    private static boolean knows(final ShardLog log, final int epoch) {
        for (int i = log.epochCount() - 1; i >= 0; i--) {
            final int known = log.epochAt(i);
            if (known <= epoch) {
                return known == epoch;
            }
        }
        return false;
    }
}
