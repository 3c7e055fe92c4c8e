package io.millrace.broker.shard;

import io.millrace.engine.LogMarks;
import io.millrace.engine.PartitionNews;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.ShardLog;
import java.util.ArrayList;
import java.util.List;

/**
 * One shard whose log is open here. The log belongs to the engine thread; the pool of readers to the network thread.
 */
public final class LocalShard {
    private final int shardId;
    private final ShardLog log;
    private final LogMarks marks;
    private final ShardIngress ingress;
    private final List<PartitionReader> idleReaders = new ArrayList<>();
    private long leadershipStartPosition;
    private volatile int leadingEpoch = -1;

    /**
     * Wraps an open log.
     *
     * @param shardId its shard
     * @param log     open and recovered
     */
    public LocalShard(final int shardId, final ShardLog log) {
        this.shardId = shardId;
        this.log = log;
        this.marks = log.marks();
        this.ingress = log.ingress();
    }

    /** {@return the shard} */
    public int shardId() {
        return shardId;
    }

    /** {@return the log; engine thread but for what it says of any thread} */
    public ShardLog log() {
        return log;
    }

    /** {@return the marks; any thread} */
    public LogMarks marks() {
        return marks;
    }

    /** {@return the way in; any thread} */
    public ShardIngress ingress() {
        return ingress;
    }

    /** {@return the epoch under which this node leads the shard now, -1 when it does not; any thread} */
    public int leadingEpoch() {
        return leadingEpoch;
    }

    /** {@return whether the epoch under which this node leads has begun to commit; any thread} */
    public boolean hasCommittedInEpoch() {
        return leadingEpoch >= 0 && marks.committedAcquire() >= leadershipStartPosition;
    }

    /**
     * Notes whether this node leads; engine thread.
     *
     * @param epoch         the leader epoch, -1 when not leading
     * @param startPosition end of the frame that began the epoch
     */
    public void leading(final int epoch, final long startPosition) {
        leadershipStartPosition = startPosition;
        leadingEpoch = epoch; // volatile: publishes the position too
    }

    /** {@return what is written to watched partitions; network thread} */
    public PartitionNews news() {
        return log.news();
    }

    /** {@return a reader for one reply, to be given back; network thread} */
    public PartitionReader takeReader() {
        // last in, first out: the reader used last has the freshest high watermark cursor
        return idleReaders.isEmpty() ? log.newPartitionReader() : idleReaders.remove(idleReaders.size() - 1);
    }

    /**
     * Gives a reader back; network thread.
     *
     * @param reader from {@link #takeReader()}; what it pinned is released
     */
    public void giveBack(final PartitionReader reader) {
        reader.release();
        idleReaders.add(reader);
    }
}
