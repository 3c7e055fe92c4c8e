package io.millrace.system.history;

/**
 * One thing a client did or saw. Times are of {@link System#nanoTime()}; partitions are numbered through over all
 * topics of a history; a lane is what one producer sends to one partition, numbered from 0 by sequence.
 */
public sealed interface HistoryEvent {
    /** Offset of a record that was acknowledged without one, or never. */
    long NO_OFFSET = -1;
    /** Lane of a payload that cannot be read. */
    int NO_LANE = -1;

    /**
     * Begins a lane; before any other event of it.
     *
     * @param lane      from 0, without holes
     * @param process   the client
     * @param partition it sends to
     * @param guarantee it asks for
     */
    record Lane(int lane, int process, int partition, Guarantee guarantee) implements HistoryEvent {
    }

    /**
     * A send that has ended.
     *
     * @param lane     of the record
     * @param sequence in the lane
     * @param startNs  when it began
     * @param endNs    when its outcome was known
     * @param outcome  of it
     * @param offset   acknowledged, or {@link #NO_OFFSET}
     * @param crc      of the payload
     */
    record Send(int lane, long sequence, long startNs, long endNs, Outcome outcome, long offset, int crc)
        implements HistoryEvent {
    }

    /**
     * A consumer that assigned the partition itself goes elsewhere: what it polls next may have any offset.
     *
     * @param process   the consumer
     * @param partition meant
     */
    record Seek(int process, int partition) implements HistoryEvent {
    }

    /**
     * A record was polled.
     *
     * @param process          the consumer
     * @param partition        it came from
     * @param startNs          when the poll began
     * @param endNs            when it ended
     * @param offset           of the record
     * @param epoch            of the leader that appended it, -1 when not told
     * @param lane             in the payload, or {@link #NO_LANE}
     * @param sequence         in the payload
     * @param payloadPartition in the payload
     * @param crc              of the payload, computed anew
     * @param isDrain          whether the one reader polled it that reads everything after all sends have ended
     */
    record Poll(int process, int partition, long startNs, long endNs, long offset, int epoch, int lane, long sequence,
        int payloadPartition, int crc, boolean isDrain) implements HistoryEvent {
        Poll withValue(final Poll other) {
            return new Poll(process, partition, startNs, endNs, offset, epoch, other.lane, other.sequence,
                other.payloadPartition, other.crc, isDrain);
        }
    }

    /**
     * The final reader has read a partition from its start to its end.
     *
     * @param partition meant
     * @param endOffset the next offset there
     */
    record Drained(int partition, long endOffset) implements HistoryEvent {
    }

    /**
     * The cluster was asked for a partition's marks.
     *
     * @param partition     meant
     * @param startNs       when it was asked
     * @param endNs         when it answered
     * @param logStart      first offset
     * @param highWatermark next offset a consumer would wait for
     */
    record Marks(int partition, long startNs, long endNs, long logStart, long highWatermark)
        implements HistoryEvent {
    }

    /**
     * Somebody said who leads.
     *
     * @param partition meant
     * @param epoch     of the leader
     * @param node      that leads
     */
    record Leader(int partition, int epoch, int node) implements HistoryEvent {
    }
}
