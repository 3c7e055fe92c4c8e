package io.millrace.broker.node;

import io.millrace.broker.api.BrokerRequestHandler;
import io.millrace.broker.api.OutcomeQueue;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ClusterNode;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.cluster.QuorumRefusedException;
import io.millrace.broker.replication.IsrProposals;
import io.millrace.broker.replication.RepairPort;
import io.millrace.broker.replication.ReplicationAgent;
import io.millrace.broker.replication.ReplicationConfiguration;
import io.millrace.broker.scrub.ScrubAgent;
import io.millrace.broker.scrub.ScrubConfiguration;
import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import io.millrace.broker.shard.TopicPins;
import io.millrace.engine.ShardLog;
import io.millrace.engine.ingress.RingPool;
import io.millrace.engine.log.LogSyncer;
import io.millrace.transport.counters.AgentRole;
import io.millrace.transport.kafka.server.KafkaServerAgent;
import io.millrace.transport.kafka.server.KafkaServerContext;
import io.millrace.transport.kafka.server.ServerCounters;
import io.millrace.transport.replication.ReplicaLink;
import io.millrace.transport.replication.aeron.LinkFailedException;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * One running node: builds the parts, starts the threads, and takes them down in the opposite order. Started and closed
 * by one thread; any agent's failure ends the node with an exit code.
 */
public final class BrokerNode implements AutoCloseable {
    /** The process must be started again: it was paused for longer than Aeron's time-outs. */
    public static final int EXIT_RESTART = 75;
    /** Something failed that a restart alone does not heal. */
    public static final int EXIT_FAILED = 1;

    private static final long BUSY_PARK_NS = TimeUnit.MICROSECONDS.toNanos(100);
    private static final long QUIET_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long METADATA_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);
    /** An engine thread that did not come round for this long is not held for alive. */
    private static final long ENGINE_STALL_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int FRAME_OVERHEAD_LENGTH = 64;
    private static final int STATE_FRAME_MAX_LENGTH = 16 << 20;

    private final BrokerConfig config;
    private final NodeLog log;
    private final NanoClock clock = SystemNanoClock.INSTANCE;
    private final RandomGenerator random = new java.security.SecureRandom();
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final LocalShards localShards = new LocalShards();
    private final LeaderLease lease = new LeaderLease(this::leaseEndNs);
    private final HandingOver handingOver = new HandingOver();
    private final OutcomeQueue outcomes = new OutcomeQueue();
    private final CommitInterest commitInterest = new CommitInterest();
    private final AppliedMetadata appliedMetadata;
    private final ParkingIdleStrategy engineIdle = new ParkingIdleStrategy(clock, BUSY_PARK_NS, QUIET_PARK_NS);
    private final ParkingIdleStrategy syncerIdle = new ParkingIdleStrategy(clock, QUIET_PARK_NS, 10 * QUIET_PARK_NS);
    private final ParkingIdleStrategy maintenanceIdle =
        new ParkingIdleStrategy(clock, QUIET_PARK_NS, 10 * QUIET_PARK_NS);
    private final ParkingIdleStrategy metadataIdle =
        new ParkingIdleStrategy(clock, METADATA_PARK_NS, 2 * METADATA_PARK_NS);

    private final RingPool rings;
    private final LookupThread lookups;
    private final LogSyncer syncer = new LogSyncer(clock);

    private volatile MetadataQuorum quorum;
    private MetadataProxy proxy;
    private DataDirectory dataDirectory;
    private NodeCounters counters;
    private CountersSampler sampler;
    private KafkaServerAgent server;
    private ReplicaLink link;
    private QuorumHost quorumHost;
    private MetadataAgent metadataAgent;
    private MaintenanceAgent maintenanceAgent;
    private EngineAgent engineAgent;
    private NodeThread networkThread;
    private NodeThread engineThread;
    private NodeThread syncerThread;
    private NodeThread maintenanceThread;
    private NodeThread metadataThread;

    private BrokerNode(final BrokerConfig config, final NodeLog log) {
        this.config = config;
        this.log = log;
        rings = new RingPool(config.ringCapacity(), config.ringBudgetLength());
        this.lookups = new LookupThread(config.nodeId());
        this.appliedMetadata = new AppliedMetadata(config.clusterNodes().stream().mapToInt(ClusterNode::nodeId)
            .filter((id) -> id != config.nodeId()).toArray());
    }

    /**
     * Starts a node; it registers and opens its logs in the background.
     *
     * @param config checked configuration
     * @param log    hears what happens
     * @return the running node
     * @throws NodeStartException when a port, directory or limit stands in the way
     */
    public static BrokerNode start(final BrokerConfig config, final NodeLog log) throws NodeStartException {
        final BrokerNode node = new BrokerNode(config, log);
        try {
            node.build();
            node.startThreads();
            return node;
        } catch (final IOException | RuntimeException ex) {
            node.close();
            throw new NodeStartException(ex.getMessage(), ex);
        } catch (final InternalError ex) {
            node.close(); // how the JVM reports that a mapped file has no room behind it
            throw new NodeStartException("the buffers in " + config.aeronParentDirectory() + " ran out of room: "
                + ex.getMessage() + "; " + QuorumHost.BUFFER_REMEDY, ex);
        } catch (final NodeStartException ex) {
            node.close();
            throw ex;
        }
    }

    private void build() throws NodeStartException, IOException {
        dataDirectory = DataDirectory.open(config.dataDirectory(), config.nodeId(),
            config.clusterNodes().stream().map(ClusterNode::toString).collect(Collectors.joining(",")),
            config.controllers().stream().map((node) -> Integer.toString(node.nodeId()))
                .collect(Collectors.joining(",")));
        final UUID incarnationId = randomId();
        metadataAgent = new MetadataAgent(config.nodeId(), incarnationId, clock, dataDirectory::verifyClusterId,
            this::wakeUpFollowersOfMetadata);
        quorumHost = QuorumHost.open(config, dataDirectory, metadataAgent::onImage, livenessGate(), log);
        final MetadataQuorum opened = quorumHost.quorum();
        quorum = opened;
        metadataAgent.quorum(quorumHost);
        proxy = (command, result) -> {
            final boolean taken = opened.proxy().offer(command, result);
            metadataIdle.wakeUp();
            return taken;
        };
        final BrokerRequestHandler handler = new BrokerRequestHandler(config, localShards,
            metadataAgent::newest, proxy, lease, handingOver, outcomes, commitInterest,
            (replyId) -> server.slot(replyId), this::wakeUpNetwork, engineIdle::wakeUp, lookups, clock,
            SystemEpochClock.INSTANCE, random, log::warn);
        handler.recordDeletion(this::deleteRecords);
        handler.appliedMetadata(appliedMetadata);
        handler.failures((work, failure) -> server.onInternalError(work, failure));
        handler.serveControl(config.nodeId(), quorumHost::status, () -> engineAgent.gauges(), log::warn);
        server = new KafkaServerAgent(serverContext(), handler);
        server.bind();
        counters = NodeCounters.open(config, dataDirectory, clock); // named by the port, so only its owner may make it
        link = LinkFactory.open(config, log);
        buildEngine();
        if (config.isLeaderRebalanced()) {
            metadataAgent.preferredLeaders(new PreferredLeaders(config.nodeId(), proxy, metadataAgent::newest,
                TimeUnit.SECONDS.toNanos(config.leaderCheckIntervalSeconds()), clock.nanoTime()));
        }
        opened.readyByCaller();
        opened.register(new MetadataCommand.RegisterBroker(config.nodeId(), config.advertisedListener().host(),
            config.advertisedListener().port(), List.of(), incarnationId, dataDirectory.bootId(),
            dataDirectory.isClean(), dataDirectory.clusterId() == null ? randomId() : dataDirectory.clusterId()),
            this::onRegistered);
    }

    private void buildEngine() throws IOException {
        // a topic's max.message.bytes may be larger than this node's message.max.bytes
        final int maxFrameLength =
            Math.max(config.largestBatchLength() + FRAME_OVERHEAD_LENGTH, STATE_FRAME_MAX_LENGTH);
        final ReplicationAgent replication = new ReplicationAgent(config.nodeId(), link,
            new Proposals(),
            ReplicationConfiguration.defaults(maxFrameLength, config.replicaLagMs()), random).lease(lease)
            .applied(appliedMetadata, this::wakeUpNetwork);
        final RepairPort repairs = new RepairPort(engineIdle::wakeUp, maintenanceIdle::wakeUp);
        replication.repairs(repairs);
        final ScrubAgent scrub = new ScrubAgent(new ScrubConfiguration(config.scrubBytesPerSecond(),
            config.scrubIntervalMs(), config.repairBytesPerSecond(), ScrubConfiguration.DEFAULT_RETRY_NS),
            SystemEpochClock.INSTANCE, repairs, log);
        sampler = new CountersSampler(counters, server.counters(), localShards, () -> engineAgent.gauges(),
            scrub.totals(), rings, clock.nanoTime());
        maintenanceAgent = new MaintenanceAgent(config, dataDirectory, outcomes, clock, random, log, syncer, rings,
            counters, scrub, sampler::doWork, HeldShards.load(dataDirectory.path()), new OpenedShards(),
            maintenanceIdle::wakeUp);
        maintenanceAgent.pins((shard) -> TopicPins.describe(shard, metadataAgent.newest()));
        final BrokerReadiness readiness =
            new BrokerReadiness(config.nodeId(), proxy, this::onEngine, log::info);
        engineAgent = new EngineAgent(config.nodeId(), clock, localShards, metadataAgent::newestRegistered,
            replication, lease, readiness, outcomes, commitInterest, maintenanceAgent, this::wakeUpNetwork,
            syncerIdle::wakeUp, engineIdle::noteTraffic, (nowNs) -> counters.onEngineCycle(nowNs, localShards),
            log::warn, new RetentionRound(localShards, new RetentionRound.Policy(config.nodeId(),
                config.retentionLength(), config.retentionMs(),
                TimeUnit.MILLISECONDS.toNanos(config.retentionCheckIntervalMs())),
                SystemEpochClock.INSTANCE, clock.nanoTime()));
    }

    /** Any thread; see {@link io.millrace.broker.shard.RecordDeletion}. */
    private boolean deleteRecords(final int shardId, final int partitionId, final long offset, final long timeoutNs,
        final RecordDeletion.Handler handler) {
        final boolean taken = engineAgent.deleteRecords(shardId, partitionId, offset, timeoutNs, handler);
        engineIdle.wakeUp();
        return taken;
    }

    /** Runs something on the engine thread. */
    private void onEngine(final Runnable command) {
        if (!engineAgent.post(command)) {
            throw new IllegalStateException("the engine thread takes no more commands");
        }
        engineIdle.wakeUp();
    }

    /** Brings what leaders propose to the quorum; engine thread. */
    private final class Proposals implements IsrProposals {
        @Override
        public boolean propose(final int shardId, final int leaderEpoch, final int[] isr, final long isrVersion) {
            throw new UnsupportedOperationException("the quorum wants to know the members' epochs");
        }

        @Override
        public boolean propose(final int shardId, final int leaderEpoch, final int[] isr, final long[] isrEpochs,
            final int[] lost, final long isrVersion) {
            return engineAgent.propose(proxy, shardId, leaderEpoch, isr, isrEpochs, lost, isrVersion);
        }

        @Override
        public void finishMove(final int shardId, final int leaderEpoch, final int toBrokerId) {
            proxy.offer(new MetadataCommand.FinishMove(shardId, config.nodeId(), leaderEpoch, toBrokerId),
                (result) -> { });
        }

        @Override
        public void resign(final int shardId, final int leaderEpoch, final long reason) {
            log.warn("shard " + shardId + ": this node cannot lead in epoch " + leaderEpoch + ", "
                + (reason == ShardLog.NO_RING ? "all rings are in use, " + rings.maxCount()
                + " fit into millrace.ring.budget.bytes=" + config.ringBudgetLength() + " (raise it and the JVM's "
                + "-XX:MaxDirectMemorySize, or lower millrace.ring.bytes=" + config.ringCapacity() + ")"
                : "its disk takes no write") + "; another in-sync replica is asked to lead");
            proxy.offer(new MetadataCommand.ResignLeader(shardId, config.nodeId(), leaderEpoch), (result) -> { });
        }
    }

    /** Hands opened logs from the maintenance thread to the engine thread. */
    private final class OpenedShards implements MaintenanceAgent.Listener {
        @Override
        public void onOpened(final LocalShard shard, final EngineAgent.OpenResult result) {
            onEngine(() -> engineAgent.onOpened(shard, result));
        }

        @Override
        public void onDelayed(final int shardId) {
            onEngine(() -> engineAgent.onDelayed(shardId));
        }
    }

    private LivenessGate livenessGate() {
        return (nowNs) -> engineAgent == null || nowNs - engineAgent.lastBeatNs() < ENGINE_STALL_NS;
    }

    private KafkaServerContext serverContext() {
        return new KafkaServerContext()
            .host(config.listener().host())
            .port(config.listener().port())
            .nonLoopbackAllowed(config.bindBeyondLoopback())
            .maxRequestLength(config.requestMaxLength())
            .receiveBudgetLength(Math.max(config.requestBudgetLength(), 2L * config.requestMaxLength()))
            .replyBudgetLength(config.requestBudgetLength())
            .maxConnections(ConnectionLimit.within(config.maxConnectionCount(), log::warn))
            .maxConnectionsPerAddress(config.maxConnectionsPerAddress())
            .idleTimeoutNs(TimeUnit.MILLISECONDS.toNanos(config.connectionsMaxIdleMs()))
            .nodeId(config.nodeId())
            .nanoClock(clock)
            .eventLog(log::info)
            .errorLog(log::warn);
    }

    private UUID randomId() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private void startThreads() {
        networkThread = thread(AgentRole.NETWORK, server, server.idleStrategy());
        engineThread = thread(AgentRole.ENGINE, engineAgent, engineIdle);
        syncerThread = thread(AgentRole.SYNCER, syncer, syncerIdle);
        maintenanceThread = thread(AgentRole.MAINTENANCE, maintenanceAgent, maintenanceIdle);
        metadataThread = thread(AgentRole.METADATA, metadataAgent, metadataIdle);
        syncerThread.start();
        maintenanceThread.start();
        metadataThread.start();
        engineThread.start();
        networkThread.start();
    }

    private NodeThread thread(final AgentRole role, final Agent agent, final IdleStrategy idleStrategy) {
        final NodeThread thread =
            new NodeThread(agent, idleStrategy, this::onFailure, clock, counters.agent(role));
        sampler.thread(role, thread.threadId());
        return thread;
    }

    private long leaseEndNs() {
        return quorum.leaseEndNs();
    }

    private void wakeUpNetwork() {
        final KafkaServerAgent agent = server;
        if (agent != null) {
            agent.wakeup();
        }
    }

    private void wakeUpFollowersOfMetadata() {
        wakeUpNetwork();
        engineIdle.wakeUp();
    }

    private void onRegistered(final MetadataResult result) {
        if (result.isOk()) {
            try {
                dataDirectory.noteRegistered();
            } catch (final IOException ex) {
                onFailure(new NodeStartException("cannot note the registration in " + dataDirectory.path() + ": "
                    + ex.getMessage(), ex));
                return;
            }
            log.info("registered: node.id=" + config.nodeId() + " epoch=" + result.value() + " listening on "
                + config.listener());
        } else {
            onFailure(new NodeStartException("registration refused (error " + result.errorCode() + "): "
                + result.message(), null));
        }
    }

    private void onFailure(final Throwable failure) {
        if (!closed.get()) {
            final boolean isExplained =
                failure instanceof NodeStartException || failure instanceof QuorumRefusedException;
            log.error(isExplained ? "the node stops: " + failure.getMessage() : "the node stops",
                isExplained ? null : failure);
        }
        final boolean restart = failure instanceof LinkFailedException || failure instanceof RestartNeededException;
        ended.complete(restart ? EXIT_RESTART : EXIT_FAILED);
    }

    /** {@return completed with an exit code when the node has failed and must be closed} */
    public CompletableFuture<Integer> ended() {
        return ended;
    }

    /** {@return the newest metadata; any thread} */
    public MetadataImage image() {
        return metadataAgent.newest();
    }

    /** {@return the network thread's counters; any thread} */
    ServerCounters serverCounters() {
        return server.counters();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        handOver();
        boolean clean = stop(networkThread, this::wakeUpNetwork);
        clean &= stop(engineThread, engineIdle::wakeUp);
        clean &= stop(syncerThread, syncerIdle::wakeUp);
        clean &= stop(maintenanceThread, maintenanceIdle::wakeUp);
        clean &= stop(metadataThread, metadataIdle::wakeUp);
        if (networkThread == null && server != null) {
            server.onClose(); // its thread never ran
        }
        lookups.close();
        clean &= close("replication link", link);
        clean &= close("logs", maintenanceAgent) & close("metadata quorum", quorumHost);
        if (clean && dataDirectory != null && maintenanceThread != null && !ended.isDone()) {
            try {
                dataDirectory.markClean();
            } catch (final IOException ex) {
                log.error("cannot note the orderly stop", ex);
            }
        }
        CloseHelper.quietCloseAll(counters, dataDirectory);
        log.info("stopped: node.id=" + config.nodeId() + (clean ? "" : ", not in order"));
    }

    /** Lets others lead first; a node that failed, or that is alone, does not wait. */
    private void handOver() {
        if (config.clusterNodes().size() < 2 || metadataThread == null || ended.isDone()) {
            return;
        }
        final int ledCount = new HandOver(config.nodeId(), clock, localShards, metadataAgent::newestRegistered, proxy,
            quorum::lastHeardNs, this::holdBack, ended::isDone).run();
        if (ledCount > 0) {
            log.info("shards that nobody else could lead in time: " + ledCount);
        }
    }

    private void holdBack(final boolean isHeldBack) {
        handingOver.set(isHeldBack);
        onEngine(() -> engineAgent.holdBack(isHeldBack));
        wakeUpNetwork();
    }

    private static boolean stop(final NodeThread thread, final Runnable wakeUp) {
        return thread == null || thread.stop(wakeUp, NodeThread.defaultStopMs());
    }

    private boolean close(final String what, final AutoCloseable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
            return true;
        } catch (final Exception ex) {
            log.error("closing failed: " + what, ex);
            return false;
        }
    }
}
