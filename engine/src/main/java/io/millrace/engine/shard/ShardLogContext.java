package io.millrace.engine.shard;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.ingress.RingPool;
import io.millrace.engine.io.LogStorage;
import io.millrace.engine.log.LogConfiguration;
import io.millrace.engine.log.LogRecovery;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.log.SegmentedLog;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.agrona.ErrorHandler;

/** What a shard's log is opened with. Used by the thread that opens. */
public final class ShardLogContext {
    /** Default capacity of a led shard's ring; the longest frame is an eighth of it. */
    public static final int DEFAULT_RING_CAPACITY = 16 * 1024 * 1024;
    /** Default most bytes of a shard's segments. */
    public static final long DEFAULT_SHARD_CAPACITY = 64L * 1024 * 1024 * 1024;

    private LogStorage storage;
    private String shardName = "shard-0";
    private DurabilityProfile profile = DurabilityProfile.REPLICATED;
    private int segmentLength = LogConfiguration.DEFAULT_SEGMENT_LENGTH;
    private long shardCapacity = DEFAULT_SHARD_CAPACITY;
    private boolean isDamageRefused;
    private long spareLength = LogConfiguration.DEFAULT_SPARE_LENGTH;
    private long syncLength = LogConfiguration.DEFAULT_SYNC_LENGTH;
    private long syncIntervalNs = LogConfiguration.DEFAULT_SYNC_INTERVAL_NS;
    private int ringCapacity = DEFAULT_RING_CAPACITY;
    private RingPool rings;
    private ProduceOutcomes outcomes;
    private RandomGenerator random;
    private ErrorHandler errorHandler;
    private LogSyncer syncer;
    private SegmentMaintenance maintenance;

    /**
     * Required: the shard's own directory.
     *
     * @param value directory
     * @return this
     */
    public ShardLogContext storage(final LogStorage value) {
        storage = value;
        return this;
    }

    /**
     * Name of the shard in messages.
     *
     * @param value name
     * @return this
     */
    public ShardLogContext shardName(final String value) {
        shardName = value;
        return this;
    }

    /**
     * What an acknowledged record survives; {@link DurabilityProfile#REPLICATED} by default.
     *
     * @param value profile of the shard's class
     * @return this
     */
    public ShardLogContext profile(final DurabilityProfile value) {
        profile = value;
        return this;
    }

    /**
     * Sets how many bytes of files that left the log are kept for coming segments.
     *
     * @param value bytes; 0 for one file at most
     * @return this
     */
    public ShardLogContext spareLength(final long value) {
        spareLength = value;
        return this;
    }

    /**
     * Bytes after which a segment is full.
     *
     * @param value a multiple of 8; at least twice the longest batch that is to be taken
     * @return this
     */
    public ShardLogContext segmentLength(final int value) {
        segmentLength = value;
        return this;
    }

    /**
     * Most bytes of segments, the byte cap: when it is reached and nothing can be given back, produce is refused.
     *
     * @param value at least two segments
     * @return this
     */
    public ShardLogContext shardCapacity(final long value) {
        shardCapacity = value;
        return this;
    }

    /**
     * Whether damage below the synced mark is refused, with no file touched, instead of set aside to be fetched again.
     *
     * @param value true with replication factor 1, and on the broker that the others follow
     * @return this
     */
    public ShardLogContext refuseDamage(final boolean value) {
        isDamageRefused = value;
        return this;
    }

    /**
     * When profile REPLICATED syncs in the background.
     *
     * @param length     written bytes
     * @param intervalNs time since the first byte that is not synced
     * @return this
     */
    public ShardLogContext backgroundSync(final long length, final long intervalNs) {
        syncLength = length;
        syncIntervalNs = intervalNs;
        return this;
    }

    /**
     * Capacity of the ring while the shard is led.
     *
     * @param value a power of two
     * @return this
     */
    public ShardLogContext ringCapacity(final int value) {
        ringCapacity = value;
        return this;
    }

    /**
     * Where the ring comes from while the shard is led; a pool of its own, without a bound, by default. Its rings'
     * capacity then counts, not {@link #ringCapacity(int)}.
     *
     * @param value shared by the broker's shards
     * @return this
     */
    public ShardLogContext rings(final RingPool value) {
        rings = value;
        return this;
    }

    /**
     * Required: where outcomes of produced batches go.
     *
     * @param value called on the engine thread
     * @return this
     */
    public ShardLogContext outcomes(final ProduceOutcomes value) {
        outcomes = value;
        return this;
    }

    /**
     * Required: where a new log's salt comes from.
     *
     * @param value generator
     * @return this
     */
    public ShardLogContext random(final RandomGenerator value) {
        random = value;
        return this;
    }

    /**
     * Required: hears of disk failures, from any thread.
     *
     * @param value must not throw
     * @return this
     */
    public ShardLogContext errorHandler(final ErrorHandler value) {
        errorHandler = value;
        return this;
    }

    /**
     * Required: the broker's syncer; the shard adds itself and takes itself away when closed.
     *
     * @param value shared by the broker's shards
     * @return this
     */
    public ShardLogContext syncer(final LogSyncer value) {
        syncer = value;
        return this;
    }

    /**
     * Required: the broker's maintenance; the shard adds itself and takes itself away when closed.
     *
     * @param value shared by the broker's shards
     * @return this
     */
    public ShardLogContext maintenance(final SegmentMaintenance value) {
        maintenance = value;
        return this;
    }

    /**
     * Recovers what is in the directory and opens the shard's log.
     *
     * @return the log, following
     * @throws io.millrace.engine.log.CorruptLogException when it is damaged and damage is refused
     * @throws IOException                                when the disk fails
     */
    public SegmentedShardLog open() throws IOException {
        Objects.requireNonNull(storage, "storage");
        Objects.requireNonNull(outcomes, "outcomes");
        Objects.requireNonNull(random, "random");
        Objects.requireNonNull(errorHandler, "errorHandler");
        Objects.requireNonNull(syncer, "syncer");
        Objects.requireNonNull(maintenance, "maintenance");
        final LogConfiguration configuration = new LogConfiguration(
            shardName, profile, segmentLength, shardCapacity, spareLength, isDamageRefused, syncLength,
            syncIntervalNs);
        final ShardState state = new ShardState();
        final LogRecovery recovery = new LogRecovery(
            configuration, storage, state, ShardState::new, errorHandler, random.nextInt());
        final SegmentedLog log = recovery.open();
        return new SegmentedShardLog(this, log, state, recovery.report());
    }

    DurabilityProfile profile() {
        return profile;
    }

    RingPool rings() {
        return rings == null ? RingPool.unbounded(ringCapacity) : rings;
    }

    ProduceOutcomes outcomes() {
        return outcomes;
    }

    LogSyncer syncer() {
        return syncer;
    }

    SegmentMaintenance maintenance() {
        return maintenance;
    }
}
