package io.millrace.broker.node;

import io.millrace.broker.api.OutcomeQueue;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.shard.LocalShard;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.io.DiskFullException;
import io.millrace.engine.io.FileLogStorage;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
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
    private static final long ROOM_CHECK_INTERVAL_NS = 1_000_000_000L;
    private static final String QUARANTINED_SUFFIX = ".quarantined";

    /** A log to open. */
    private record Request(int shardId, DurabilityProfile profile, boolean soleReplica, boolean leads) {
    }

    private final BrokerConfig config;
    private final DataDirectory directory;
    private final OutcomeQueue outcomes;
    private final RandomGenerator random;
    private final NodeLog log;
    private final LogSyncer syncer;
    private final SegmentMaintenance segments;
    private final Consumer<LocalShard> onOpened;
    private final Runnable wakeUp;
    private final ManyToOneConcurrentArrayQueue<Request> requests =
        new ManyToOneConcurrentArrayQueue<>(REQUEST_CAPACITY);
    private final List<SegmentedShardLog> logs = new ArrayList<>();
    private final NanoClock clock;
    private final List<Request> waitingForRoom = new ArrayList<>();
    private final Shortages shortages;
    private long roomCheckedNs;
    private long ringLength;

    MaintenanceAgent(final BrokerConfig config, final DataDirectory directory, final OutcomeQueue outcomes,
        final NanoClock clock, final RandomGenerator random, final NodeLog log, final LogSyncer syncer,
        final Consumer<LocalShard> onOpened, final Runnable wakeUp) {
        this.config = config;
        this.directory = directory;
        this.outcomes = outcomes;
        this.random = random;
        this.log = log;
        this.syncer = syncer;
        this.clock = clock;
        this.shortages = new Shortages(log);
        this.segments = new SegmentMaintenance(clock);
        this.onOpened = onOpened;
        this.wakeUp = wakeUp;
    }

    @Override
    public void open(
        final int shardId, final DurabilityProfile profile, final boolean soleReplica, final boolean leads) {
        if (!requests.offer(new Request(shardId, profile, soleReplica, leads))) {
            throw new IllegalStateException("more than " + REQUEST_CAPACITY + " shards to open at once");
        }
        wakeUp.run();
    }

    @Override
    public String roleName() {
        return "maintenance";
    }

    @Override
    public int doWork() throws IOException {
        int work = 0;
        for (Request request = requests.poll(); request != null; request = requests.poll()) {
            checkRings(request);
            openUnlessFull(request);
            work++;
        }
        final long nowNs = clock.nanoTime();
        if (!waitingForRoom.isEmpty() && nowNs - roomCheckedNs >= ROOM_CHECK_INTERVAL_NS) {
            roomCheckedNs = nowNs;
            final List<Request> again = List.copyOf(waitingForRoom);
            waitingForRoom.clear();
            for (final Request request : again) {
                openUnlessFull(request);
            }
        }
        shortages.check(nowNs);
        return work + segments.doWork();
    }

    /** A full disk must not end a node that still serves what it has; the shard opens when there is room again. */
    private void openUnlessFull(final Request request) throws IOException {
        final String what = "shard " + request.shardId();
        try {
            openLog(request);
            shortages.onRoom(what);
        } catch (final DiskFullException ex) {
            shortages.onShortage(what, ex.getMessage());
            waitingForRoom.add(request);
        }
    }

    private void openLog(final Request request) throws IOException {
        final FileLogStorage storage = new FileLogStorage(directory.shardDirectory(request.shardId()));
        final SegmentedShardLog shardLog = new ShardLogContext()
            .storage(storage)
            .shardName("shard-" + request.shardId())
            .profile(request.profile())
            .segmentLength(config.segmentLength())
            .shardCapacity(config.shardMaxLength())
            .soleReplica(request.soleReplica())
            .ringCapacity(config.ringCapacity())
            .outcomes(outcomes)
            .random(random)
            .errorHandler((error) -> log.error("shard " + request.shardId(), error))
            .syncer(syncer)
            .maintenance(segments)
            .open();
        logs.add(shardLog);
        shortages.watch("shard " + request.shardId(), shardLog::shortage);
        shardLog.recoveryReport().notes().forEach((note) -> log.warn("shard " + request.shardId() + ": " + note));
        if (request.leads()) {
            checkWhole(request.shardId(), storage);
        }
        log.info("shard " + request.shardId() + " open: start=" + shardLog.startPosition()
            + " end=" + shardLog.endPosition());
        onOpened.accept(new LocalShard(request.shardId(), shardLog));
    }

    private void checkRings(final Request request) throws IOException {
        if (request.leads()) {
            ringLength += config.ringCapacity();
            if (ringLength > config.ringBudgetLength()) {
                throw new IOException("the rings of all led shards need " + ringLength
                    + " bytes, millrace.ring.budget.bytes=" + config.ringBudgetLength()
                    + "; raise that key or lower millrace.ring.bytes=" + config.ringCapacity());
            }
        }
    }

    /**
     * A leader whose log was cut at a damaged segment must not lead: its followers would throw away what they have and
     * it has not.
     */
    private void checkWhole(final int shardId, final FileLogStorage storage) throws IOException {
        for (final String name : storage.list()) {
            if (name.endsWith(QUARANTINED_SUFFIX)) {
                throw new IOException("shard " + shardId + " is damaged here and this node leads it: file="
                    + directory.shardDirectory(shardId).resolve(name) + "; stop a follower, replace the folder "
                    + directory.shardDirectory(shardId) + " by the follower's copy, then start both again");
            }
        }
    }

    /** Closes every log; what is written is synced before. */
    @Override
    public void close() {
        CloseHelper.closeAll(logs);
    }
}
