package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.RethrowingErrorHandler;
import io.aeron.archive.Archive;
import io.aeron.archive.ArchiveThreadingMode;
import io.aeron.archive.client.AeronArchive;
import io.aeron.cluster.ConsensusModule;
import io.aeron.cluster.service.ClusterCounters;
import io.aeron.cluster.service.ClusteredService;
import io.aeron.cluster.service.ClusteredServiceContainer;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.io.File;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.agrona.ErrorHandler;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.NoOpLock;
import org.agrona.concurrent.SleepingMillisIdleStrategy;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * The settings of the parts of one quorum node: small terms, sparse files, everything synced and check-summed, threads
 * shared. Stateless.
 */
final class ClusterContexts {
    static final String TERM_128K = "term-length=128k";
    static final int INGRESS_STREAM_ID = 101;
    static final String IPC = "aeron:ipc?" + TERM_128K;

    /** Data is on the disk before it counts. */
    static final int FILE_SYNC_LEVEL = 1;

    private static final int TERM_LENGTH = 128 * 1024;
    /** The least that Aeron takes; it allocates five times as much, and 46 MB with its default. */
    private static final int COUNTERS_LENGTH = 1024 * 1024;
    private static final long LOW_SHARED_MEMORY_LENGTH = 8L * 1024 * 1024;
    private static final long LOW_STORAGE_LENGTH = 16L * 1024 * 1024;
    static final int SEGMENT_LENGTH = 4 * 1024 * 1024;
    private static final int CATALOG_LENGTH = 256 * 1024;
    private static final int MAX_SESSION_COUNT = 64;
    private static final int HEARTBEATS_PER_TIMEOUT = 10;
    private static final long LINGER_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long IMAGE_LIVENESS_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long ELECTION_STATUS_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Pattern NUMERIC_HOST = Pattern.compile("[0-9.]+|\\[[0-9a-fA-F:]+]");
    private static final int ERROR_COUNTER_TYPE_ID = 212;

    private ClusterContexts() {
    }

    static MediaDriver.Context driver(final ClusterMetadataConfiguration configuration, final ErrorHandler errors) {
        return new MediaDriver.Context()
            .aeronDirectoryName(configuration.aeronDir())
            .dirDeleteOnStart(true)
            .dirDeleteOnShutdown(true)
            .threadingMode(ThreadingMode.INVOKER)
            // a slow name server must not cost a heartbeat; where there is nothing to resolve, a thread less
            .asyncExecutorEnabled(!hasNumericHosts(configuration))
            .termBufferSparseFile(true)
            .publicationTermBufferLength(TERM_LENGTH)
            .ipcTermBufferLength(TERM_LENGTH)
            .counterValuesBufferLength(COUNTERS_LENGTH)
            .lowStorageWarningThreshold(LOW_SHARED_MEMORY_LENGTH)
            .publicationLingerTimeoutNs(LINGER_TIMEOUT_NS)
            .imageLivenessTimeoutNs(IMAGE_LIVENESS_TIMEOUT_NS)
            .errorHandler(errors);
    }

    static Archive.Context archive(final ClusterMetadataConfiguration configuration, final ErrorHandler errors) {
        final RecordingChecksum checksum = new RecordingChecksum();
        return new Archive.Context()
            .aeronDirectoryName(configuration.aeronDir())
            .archiveDir(archiveDir(configuration))
            .controlChannel("aeron:udp?endpoint=" + configuration.self().archiveControl() + "|" + TERM_128K)
            .localControlChannel(IPC)
            .replicationChannel("aeron:udp?endpoint=" + configuration.self().replication())
            .archiveClientContext(new AeronArchive.Context()
                .controlResponseChannel("aeron:udp?endpoint=" + host(configuration) + ":0|" + TERM_128K))
            .recordingEventsEnabled(false)
            .threadingMode(ArchiveThreadingMode.INVOKER)
            .segmentFileLength(SEGMENT_LENGTH)
            .catalogCapacity(CATALOG_LENGTH)
            .lowStorageSpaceThreshold(LOW_STORAGE_LENGTH)
            .fileSyncLevel(FILE_SYNC_LEVEL)
            .catalogFileSyncLevel(FILE_SYNC_LEVEL)
            .recordChecksum(checksum)
            .replayChecksum(checksum)
            .errorHandler(errors);
    }

    /** A client of the node's driver that runs in the thread of its owner. */
    static Aeron client(
        final ClusterMetadataConfiguration configuration, final AgentInvoker driver, final ErrorHandler errors,
        final ErrorHandler subscriberErrors) {
        return Aeron.connect(new Aeron.Context()
            .aeronDirectoryName(configuration.aeronDir())
            .useConductorAgentInvoker(true)
            .driverAgentInvoker(driver)
            .clientLock(NoOpLock.INSTANCE)
            .awaitingIdleStrategy(new SleepingMillisIdleStrategy(1))
            .errorHandler(errors)
            .subscriberErrorHandler(subscriberErrors));
    }

    static Aeron clusterClient(
        final ClusterMetadataConfiguration configuration, final AgentInvoker driver, final ErrorHandler errors) {
        return client(configuration, driver, errors, RethrowingErrorHandler.INSTANCE);
    }

    static ConsensusModule.Context consensusModule(
        final ClusterMetadataConfiguration configuration, final Aeron aeron, final IdleStrategy idle,
        final ErrorHandler errors) {
        final ClusterMember self = configuration.self();
        return new ConsensusModule.Context()
            .clusterMemberId(self.id())
            .clusterMembers(ClusterMember.toClusterMembers(configuration.members()))
            .clusterDir(clusterDir(configuration))
            .aeronDirectoryName(configuration.aeronDir())
            .aeron(aeron)
            .errorCounter(ClusterCounters.allocate(
                aeron, new ExpandableArrayBuffer(), "Cluster Errors", ERROR_COUNTER_TYPE_ID, 0))
            .archiveContext(archiveClient(idle))
            .useAgentInvoker(true)
            .idleStrategySupplier(() -> idle)
            .ingressChannel("aeron:udp?" + TERM_128K)
            .ingressStreamId(INGRESS_STREAM_ID)
            .clusterClock(new SteadyClusterClock(SystemEpochClock.INSTANCE, SystemNanoClock.INSTANCE))
            .logChannel("aeron:udp?control-mode=manual|control=" + self.logControl() + "|term-length="
                + configuration.logTermLength())
            .replicationChannel("aeron:udp?endpoint=" + host(configuration) + ":0")
            .consensusChannel("aeron:udp?" + TERM_128K)
            .snapshotChannel(IPC + "|alias=snapshot")
            .maxConcurrentSessions(MAX_SESSION_COUNT)
            .sessionTimeoutNs(configuration.sessionTimeoutNs())
            .leaderHeartbeatTimeoutNs(configuration.leaderHeartbeatTimeoutNs())
            .leaderHeartbeatIntervalNs(configuration.leaderHeartbeatTimeoutNs() / HEARTBEATS_PER_TIMEOUT)
            .electionTimeoutNs(configuration.electionTimeoutNs())
            .electionStatusIntervalNs(ELECTION_STATUS_INTERVAL_NS)
            .startupCanvassTimeoutNs(2 * configuration.leaderHeartbeatTimeoutNs())
            .fileSyncLevel(FILE_SYNC_LEVEL)
            .errorHandler(errors);
    }

    static ClusteredServiceContainer.Context service(
        final ClusterMetadataConfiguration configuration, final Aeron aeron, final ClusteredService service,
        final IdleStrategy idle, final ErrorHandler errors) {
        return new ClusteredServiceContainer.Context()
            .aeronDirectoryName(configuration.aeronDir())
            .aeron(aeron)
            .archiveContext(archiveClient(idle))
            .clusterDir(clusterDir(configuration))
            .clusteredService(service)
            // what goes out is pushed through publications of the service's own
            .isRespondingService(false)
            .snapshotChannel(IPC + "|alias=snapshot")
            .idleStrategySupplier(() -> idle)
            .errorHandler(errors);
    }

    static AeronArchive.Context archiveClient(final IdleStrategy idle) {
        return new AeronArchive.Context()
            .controlRequestChannel(IPC)
            .controlResponseChannel(IPC)
            .idleStrategy(idle);
    }

    static File archiveDir(final ClusterMetadataConfiguration configuration) {
        return new File(configuration.dataDir(), "archive");
    }

    static File clusterDir(final ClusterMetadataConfiguration configuration) {
        return new File(configuration.dataDir(), "cluster");
    }

    private static boolean hasNumericHosts(final ClusterMetadataConfiguration configuration) {
        return configuration.members().stream().allMatch(member -> NUMERIC_HOST.matcher(member.host()).matches());
    }

    static String host(final ClusterMetadataConfiguration configuration) {
        return configuration.self().host();
    }
}
