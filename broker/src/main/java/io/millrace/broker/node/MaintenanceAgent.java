package io.millrace.broker.node;

import io.millrace.broker.api.OutcomeQueue;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.scrub.ScrubAgent;
import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.ingress.RingPool;
import io.millrace.engine.io.DiskFullException;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.io.ObservedLogStorage;
import io.millrace.engine.io.StorageObserver;
import io.millrace.engine.log.CorruptLogException;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.agrona.concurrent.NanoClock;

/**
 * The maintenance thread of a node: opens logs, and looks after their files. Owned by the maintenance thread;
 * {@link #open} is for any thread, {@link #close} for the closing thread once every agent has stopped.
 */
final class MaintenanceAgent implements Agent, EngineAgent.ShardOpener, AutoCloseable {
    private static final int REQUEST_CAPACITY = 4096;
    private static final String SEGMENT_SUFFIX = ".log";
    private static final long ROOM_CHECK_INTERVAL_NS = 1_000_000_000L;

    /** Takes what was opened; called on the maintenance thread. */
    interface Listener {
        /** A log is open. */
        void onOpened(LocalShard shard, EngineAgent.OpenResult result);

        /** A log has to wait for room on the disk. */
        void onDelayed(int shardId);
    }

    private final BrokerConfig config;
    private final DataDirectory directory;
    private final OutcomeQueue outcomes;
    private final RandomGenerator random;
    private final NodeLog log;
    private final LogSyncer syncer;
    private final RingPool rings;
    private final SegmentMaintenance segments;
    private final StorageObserver observer;
    private final ScrubAgent scrub;
    private final LongConsumer onCycle;
    private final Listener listener;
    private final Runnable wakeUp;
    private final ManyToOneConcurrentArrayQueue<ShardInfo> requests =
        new ManyToOneConcurrentArrayQueue<>(REQUEST_CAPACITY);
    private final ManyToOneConcurrentArrayQueue<Integer> wholeAgain =
        new ManyToOneConcurrentArrayQueue<>(REQUEST_CAPACITY);
    private final List<SegmentedShardLog> logs = new ArrayList<>();
    private final List<LocalShard> unnoted = new ArrayList<>();
    private final HeldShards heldShards;
    private final NanoClock clock;
    private final List<ShardInfo> waitingForRoom = new ArrayList<>();
    private final Shortages shortages;
    private long roomCheckedNs;
    private Function<LocalShard, String> pins = (shard) -> "";

    MaintenanceAgent(final BrokerConfig config, final DataDirectory directory, final OutcomeQueue outcomes,
        final NanoClock clock, final RandomGenerator random, final NodeLog log, final LogSyncer syncer,
        final RingPool rings, final StorageObserver observer, final ScrubAgent scrub, final LongConsumer onCycle,
        final HeldShards heldShards, final Listener listener, final Runnable wakeUp) {
        this.config = config;
        this.directory = directory;
        this.outcomes = outcomes;
        this.random = random;
        this.log = log;
        this.syncer = syncer;
        this.rings = rings;
        this.clock = clock;
        this.shortages = new Shortages(log);
        this.segments = new SegmentMaintenance(clock);
        this.observer = observer;
        this.scrub = scrub;
        this.onCycle = onCycle;
        this.heldShards = heldShards;
        this.listener = listener;
        this.wakeUp = wakeUp;
    }

    /** Sets what tells why a shard is as long as it is; before the thread starts. */
    void pins(final Function<LocalShard, String> description) {
        pins = description;
    }

    @Override
    public void open(final ShardInfo shard) {
        if (!requests.offer(shard)) {
            throw new IllegalStateException("more than " + REQUEST_CAPACITY + " shards to open at once");
        }
        wakeUp.run();
    }

    @Override
    public void whole(final int shardId) {
        if (!wholeAgain.offer(shardId)) {
            throw new IllegalStateException("more than " + REQUEST_CAPACITY + " shards are whole again at once");
        }
        wakeUp.run();
    }

    @Override
    public String roleName() {
        return "maintenance";
    }

    @Override
    public int doWork() throws IOException, NodeStartException {
        int work = 0;
        for (ShardInfo shard = requests.poll(); shard != null; shard = requests.poll()) {
            openUnlessFull(shard);
            work++;
        }
        final long nowNs = clock.nanoTime();
        if (!waitingForRoom.isEmpty() && nowNs - roomCheckedNs >= ROOM_CHECK_INTERVAL_NS) {
            roomCheckedNs = nowNs;
            final List<ShardInfo> again = List.copyOf(waitingForRoom);
            waitingForRoom.clear();
            for (final ShardInfo shard : again) {
                openUnlessFull(shard);
            }
        }
        noteHeld();
        shortages.check(nowNs);
        onCycle.accept(nowNs);
        return work + segments.doWork() + scrub.doWork(nowNs);
    }

    private void noteHeld() throws IOException {
        for (Integer shardId = wholeAgain.poll(); shardId != null; shardId = wholeAgain.poll()) {
            heldShards.lacking(shardId, false);
        }
        for (int i = unnoted.size() - 1; i >= 0; i--) {
            final LocalShard shard = unnoted.get(i);
            if (shard.marks().writtenAcquire() > 0) {
                heldShards.add(shard.shardId());
                unnoted.remove(i);
            }
        }
    }

    /** A full disk must not end a node that still serves what it has; the shard opens when there is room again. */
    private void openUnlessFull(final ShardInfo shard) throws IOException, NodeStartException {
        final String what = "shard " + shard.id();
        try {
            openLog(shard);
            shortages.onRoom(what);
        } catch (final DiskFullException ex) {
            shortages.onShortage(what, ex.getMessage());
            waitingForRoom.add(shard);
            listener.onDelayed(shard.id());
        } catch (final CorruptLogException ex) {
            throw new NodeStartException(ex.getMessage(), ex);
        }
    }

    /** Whether this shard's files are gone, so that the log opens empty. */
    private boolean isGone(final ShardInfo shard, final Path folder) throws IOException, NodeStartException {
        if (!heldShards.contains(shard.id()) || hasSegments(folder)) {
            return false;
        }
        if (shard.replicas().size() == 1) {
            throw new NodeStartException("the files of shard " + shard.id() + " are gone: " + folder + " held records "
                + "and no other node has them; put the folder back, or, to begin anew without them, remove the line "
                + shard.id() + " from " + folder.resolveSibling(HeldShards.FILE_NAME), null);
        }
        heldShards.lacking(shard.id(), true); // before the new log has its first segment
        log.warn("shard " + shard.id() + ": its files are gone, " + folder + " held records; this node does not lead "
            + "the shard before another one has given them back");
        return true;
    }

    private static boolean hasSegments(final Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch((file) -> file.getFileName().toString().endsWith(SEGMENT_SUFFIX));
        }
    }

    private void openLog(final ShardInfo shard) throws IOException, NodeStartException {
        final long startedNs = clock.nanoTime();
        final Path folder = directory.shardDirectory(shard.id());
        final boolean isGone = isGone(shard, folder);
        final FileLogStorage storage = new FileLogStorage(folder);
        final SegmentedShardLog shardLog = new ShardLogContext()
            .storage(new ObservedLogStorage(storage, clock, observer))
            .shardName("shard-" + shard.id())
            .profile(shard.shardClass().profile())
            .segmentLength(config.segmentLength())
            .shardCapacity(config.shardMaxLength())
            .spareLength(config.shardSpareLength())
            .refuseDamage(shard.replicas().size() == 1)
            .rings(rings)
            .outcomes(outcomes)
            .random(random)
            .errorHandler((error) -> log.error("shard " + shard.id(), error))
            .syncer(syncer)
            .maintenance(segments)
            .open();
        logs.add(shardLog);
        shardLog.recoveryReport().notes().forEach((note) -> log.warn("shard " + shard.id() + ": " + note));
        log.info("shard " + shard.id() + " open: start=" + shardLog.startPosition()
            + " end=" + shardLog.endPosition() + " after " + (clock.nanoTime() - startedNs) / 1_000_000 + " ms, "
            + shardLog.recoveryReport().scannedLength() + " bytes checked");
        scrub.add(shard.id(), shard.replicas().size() > 1, shardLog);
        final LocalShard opened = new LocalShard(shard.id(), shardLog);
        shortages.watch("shard " + shard.id(), shardLog::shortage, () -> pins.apply(opened));
        unnoted.add(opened);
        if (shardLog.recoveryReport().isQuarantined()) {
            heldShards.lacking(shard.id(), true);
        } else if (!isGone && heldShards.isLacking(shard.id())) {
            log.warn("shard " + shard.id() + ": its log lacked something at an earlier start and no leader has brought "
                + "it up to date since; this node does not lead it before one has");
        }
        listener.onOpened(opened, heldShards.isLacking(shard.id())
            ? EngineAgent.OpenResult.DAMAGED : EngineAgent.OpenResult.WHOLE);
    }

    /** Closes every log; what is written is synced before. */
    @Override
    public void close() {
        scrub.close();
        CloseHelper.closeAll(logs);
    }
}
