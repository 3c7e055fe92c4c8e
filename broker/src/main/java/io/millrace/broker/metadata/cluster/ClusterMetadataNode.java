package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.archive.Archive;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.ElectionState;
import io.aeron.cluster.service.Cluster;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.driver.MediaDriver;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataListener;
import io.millrace.broker.metadata.QuorumStatus;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.SystemNanoClock;

/**
 * One controller of the quorum within a broker; of a broker that is none, only the driver through which it is a client
 * of the quorum. Owned by the metadata thread, which launches, drives and closes it.
 *
 * <p>Two threads do all its work: the metadata thread runs the media driver and the consensus module, so that
 * heartbeats never wait for a disk; the service thread, started here, runs the clustered service and, while that is
 * idle, the archive with its syncs.
 */
public final class ClusterMetadataNode implements AutoCloseable {
    private static final long MAX_SERVICE_PARK_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long UNKNOWN = -1;
    private static final long MAX_WAIT_PARK_NS = TimeUnit.MICROSECONDS.toNanos(500);

    private final ClusterMetadataConfiguration configuration;
    private final ErrorHandler errors;
    private final Consumer<String> notices;
    private final DataDirectory directory;
    private QuorumAdmission admission;
    private MediaDriver driver;
    private AgentInvoker driverInvoker;
    private Archive archive;
    private Aeron serviceAeron;
    private ClusteredServiceContainer container;
    private Aeron consensusAeron;
    private ConsensusModule consensusModule;
    private AgentInvoker consensusInvoker;
    private LogHousekeeping housekeeping;
    private volatile boolean terminated;
    private boolean closed;

    private ClusterMetadataNode(final ClusterMetadataConfiguration configuration, final Consumer<String> notices,
        final ErrorHandler errors) {
        this.configuration = configuration;
        this.notices = notices;
        this.errors = errors;
        this.directory = new DataDirectory(configuration);
    }

    /**
     * Starts a node; it takes part in the quorum's life once the controllers have said that it belongs to them, see
     * {@link #isAdmitted}.
     *
     * @param configuration of this node
     * @param clusterId     that the rest of its data belongs to, null when unknown
     * @param notices       hears what an operator should know
     * @param errors        hears of errors from both threads
     * @return the node, to be driven by the calling thread or one that takes over
     * @throws QuorumRefusedException when this node's data does not belong together, or another process has its ports
     */
    public static ClusterMetadataNode launch(final ClusterMetadataConfiguration configuration, final UUID clusterId,
        final Consumer<String> notices, final ErrorHandler errors) {
        final ClusterMetadataNode node = new ClusterMetadataNode(configuration, notices, errors);
        try {
            node.directory.open();
            node.admission =
                new QuorumAdmission(configuration, new QuorumIdentity(configuration, clusterId), notices);
            node.admission.open();
            node.start();
            return node;
        } catch (final RuntimeException ex) {
            CloseHelper.quietClose(node);
            throw ex;
        }
    }

    /**
     * {@return a broker's session with the quorum, to be driven by the same thread as this node and closed before it}
     *
     * @param listener hears of new images
     * @param gate     lets the session lapse
     */
    public ClusterMetadataQuorum newQuorum(final MetadataListener listener, final LivenessGate gate) {
        return new ClusterMetadataQuorum(configuration, driverInvoker, (image, previous) -> {
            if (image.clusterId() != null && !image.clusterId().equals(previous.clusterId())) {
                admission.note(image.clusterId());
            }
            listener.onImage(image, previous);
        }, gate, errors, SystemNanoClock.INSTANCE);
    }

    /**
     * The duty cycle of driver, consensus module and housekeeping.
     *
     * @param nowNs monotonic time
     * @return work count
     * @throws QuorumRefusedException when this node must not take part in the quorum
     */
    public int doWork(final long nowNs) {
        final int workCount = driverInvoker.invoke() + admission.doWork(nowNs);
        if (consensusModule == null && configuration.isMember() && admission.isAdmitted()) {
            join();
        }
        return consensusModule == null ? workCount
            : workCount + consensusInvoker.invoke() + housekeeping.doWork(nowNs);
    }

    /**
     * {@return whether this node takes part: the controllers hold the metadata of its cluster, or all of it begins now}
     * Until then its sessions must not be driven.
     */
    public boolean isAdmitted() {
        return admission.isAdmitted();
    }

    /** {@return whether this node leads the quorum now} */
    public boolean isLeader() {
        return consensusModule != null
            && Cluster.Role.get(consensusModule.context().clusterNodeRoleCounter()) == Cluster.Role.LEADER;
    }

    /** {@return this node's part in the quorum now} */
    public QuorumStatus.Role role() {
        if (consensusModule == null) {
            return QuorumStatus.Role.NONE;
        }
        if (consensusModule.context().electionStateCounter().get() != ElectionState.CLOSED.code()) {
            return QuorumStatus.Role.CANDIDATE;
        }
        return isLeader() ? QuorumStatus.Role.LEADER : QuorumStatus.Role.FOLLOWER;
    }

    /** {@return the quorum's leadership term as this node knows it, -1 for none} */
    public long termId() {
        return consensusModule == null ? UNKNOWN : consensusModule.context().leadershipTermIdCounter().get();
    }

    /** {@return end of what the quorum has committed of the Raft log, as this node knows it; -1 on no controller} */
    public long commitPosition() {
        return consensusModule == null ? UNKNOWN : consensusModule.context().commitPositionCounter().get();
    }

    /** {@return snapshots of the quorum's state that this node took since it was started} */
    public long snapshotCount() {
        return consensusModule == null ? 0 : consensusModule.context().snapshotCounter().get();
    }

    /**
     * {@return whether the node stopped for good, for example after a pause beyond the time-outs of its driver; any
     * thread} The process has to be started again.
     */
    public boolean isTerminated() {
        return terminated;
    }

    private void start() {
        driver = MediaDriver.launch(ClusterContexts.driver(configuration, errors));
        driverInvoker = driver.sharedAgentInvoker();
    }

    /** Only from here on can this node vote, or change what others hold. */
    private void join() {
        whileDriving("start", this::startService);
        final InvokingIdleStrategy idle = new InvokingIdleStrategy(MAX_WAIT_PARK_NS, driverInvoker);
        consensusAeron = ClusterContexts.clusterClient(configuration, driverInvoker, errors);
        final ConsensusModule.Context context =
            ClusterContexts.consensusModule(configuration, consensusAeron, idle, errors)
                .terminationHook(() -> terminated = true);
        consensusModule = ConsensusModule.launch(context);
        consensusInvoker = consensusModule.conductorAgentInvoker();
        housekeeping = new LogHousekeeping(configuration, context, consensusAeron, driverInvoker, errors);
    }

    /** On a helper thread, for it waits for the driver, which the metadata thread runs. */
    private void startService() {
        archive = Archive.launch(ClusterContexts.archive(configuration, errors));
        serviceAeron = ClusterContexts.clusterClient(configuration, null, errors);
        checkLog();
        container = ClusteredServiceContainer.launch(ClusterContexts.service(
            configuration, serviceAeron, new MetadataClusteredService(),
            new InvokingIdleStrategy(MAX_SERVICE_PARK_NS, archive.invoker()), errors)
            .terminationHook(() -> terminated = true));
    }

    private void checkLog() {
        try (AeronArchive client = AeronArchive.connect(
            ClusterContexts.archiveClient(new InvokingIdleStrategy(MAX_WAIT_PARK_NS, archive.invoker()))
                .aeron(serviceAeron).ownsAeronClient(false).errorHandler(errors))) {
            RaftLogCheck.check(configuration, client, notices);
        }
    }

    private void whileDriving(final String what, final Runnable action) {
        final Helper helper = new Helper(action);
        final Thread thread = new Thread(helper, "millrace-cluster-" + what + "-" + configuration.memberId());
        thread.start();
        final InvokingIdleStrategy idle = new InvokingIdleStrategy(MAX_WAIT_PARK_NS, driverInvoker);
        while (thread.isAlive()) {
            idle.idle();
        }
        if (helper.failure instanceof QuorumRefusedException refused) {
            throw refused;
        }
        if (helper.failure != null) {
            throw new IllegalStateException("metadata quorum node did not " + what, helper.failure);
        }
    }

    private static final class Helper implements Runnable {
        private final Runnable action;
        private volatile Throwable failure;

        Helper(final Runnable action) {
            this.action = action;
        }

        @Override
        public void run() {
            try {
                action.run();
            } catch (final RuntimeException | Error ex) {
                failure = ex;
            }
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (driver != null) {
            // the consensus module asks the archive to stop its recording; the service thread, which runs it, goes last
            CloseHelper.close(errors, consensusModule);
            whileDriving("stop", () -> {
                CloseHelper.close(errors, container);
                CloseHelper.close(errors, serviceAeron);
                CloseHelper.close(errors, archive);
            });
            CloseHelper.close(errors, consensusAeron);
            CloseHelper.close(errors, driver);
        }
        CloseHelper.close(errors, admission);
        CloseHelper.close(errors, directory);
    }
}
