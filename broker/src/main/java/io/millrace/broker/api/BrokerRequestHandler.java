package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataChanges;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.broker.shard.CommitInterest;
import io.millrace.broker.shard.HandingOver;
import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.shard.LocalShard;
import io.millrace.broker.shard.LocalShards;
import io.millrace.broker.shard.RecordDeletion;
import io.millrace.transport.kafka.codec.AclCodec;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.codec.ClusterControlCodec;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.codec.ListOffsetsCodec;
import io.millrace.transport.kafka.codec.LogCodec;
import io.millrace.transport.kafka.codec.ProducerIdCodec;
import io.millrace.transport.kafka.codec.RequestHeader;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.Acls;
import io.millrace.transport.kafka.message.ListPartitionReassignments;
import io.millrace.transport.kafka.server.ReplySlot;
import io.millrace.transport.kafka.server.RequestHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;

/** Hands each request to the handler of its kind and drives those that wait. Owned by the network thread. */
public final class BrokerRequestHandler implements RequestHandler {
    /** Odd, so that no change of one shard hides another's. */
    private static final long LEADERSHIP_MIX = 0x9E3779B97F4A7C15L;
    /** How often it is looked whether somebody has waited long enough. */
    private static final long ADMIN_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private final NanoClock clock;
    private final LeaderLease lease;
    private final LocalShards localShards;
    private final Supplier<MetadataImage> images;
    private final TopicDirectory topics;
    private final QuorumCaller quorum;
    private final ProduceHandler produce;
    private final FetchHandler fetch;
    private final ListOffsetsHandler listOffsets;
    private final MetadataHandler metadata;
    private final AppliedVersions applied;
    private final TopicAdminHandler admin;
    private final ConfigView configs;
    private final ConfigAlterer configChanges;
    private final ClusterHandler cluster;
    private final ElectionHandler elections;
    private final LogHandler logs;
    private final ProducerIdHandler producerIds;
    private final CoordinatorFinder coordinators;
    private final GroupService groupService;
    private final GroupHandler groups;
    private final ColdRoutes cold = new ColdRoutes();
    private final HeldRequests untilClusterIsKnown = new HeldRequests(cold);
    private final Containment containment = new Containment();
    private final IntSupplier listOffsetsWork;
    private final IntSupplier adminWork;
    private final IntSupplier coordinatorsWork;
    private final IntSupplier controlWork = () -> this.control.doWork();
    private ClusterControlHandler control;
    private RecordDeletion recordDeletion;
    private long seenLeadership = -1;
    private long nextAdminNs;
    private boolean isClusterKnown;

    /**
     * Connects everything.
     *
     * @param config       of this node
     * @param localShards  open here
     * @param images       the newest metadata; any thread
     * @param proxy        to the quorum
     * @param lease        until when this node may answer as a leader
     * @param handingOver  whether this node is giving away what it leads
     * @param outcomes     from the engine thread
     * @param commitInterest told whether a fetch waits
     * @param slotById     finds a slot that is not completed, or null
     * @param wakeUp       wakes the network thread; any thread
     * @param engineWakeUp wakes the engine thread; any thread
     * @param lookups      runs what takes too long for the network thread, one after the other; may refuse
     * @param clock        monotonic time
     * @param epochClock   of what is kept for days
     * @param random       for topic ids and members of groups
     * @param warnings     hears what an operator should know
     */
    public BrokerRequestHandler(
        final BrokerConfig config,
        final LocalShards localShards,
        final Supplier<MetadataImage> images,
        final MetadataProxy proxy,
        final LeaderLease lease,
        final HandingOver handingOver,
        final OutcomeQueue outcomes,
        final CommitInterest commitInterest,
        final LongFunction<ReplySlot> slotById,
        final Runnable wakeUp,
        final Runnable engineWakeUp,
        final Executor lookups,
        final NanoClock clock,
        final EpochClock epochClock,
        final RandomGenerator random,
        final Consumer<String> warnings) {
        this.clock = clock;
        this.nextAdminNs = clock.nanoTime();
        this.lease = lease;
        this.localShards = localShards;
        this.images = images;
        this.topics = new TopicDirectory(localShards, config.nodeId(), config.messageMaxLength());
        this.quorum = new QuorumCaller(proxy, wakeUp, containment);
        this.produce = new ProduceHandler(topics, outcomes, slotById, engineWakeUp, handingOver);
        this.fetch = new FetchHandler(topics, config.fetchMaxLength(), commitInterest, lookups);
        this.listOffsets = new ListOffsetsHandler(topics, lookups, wakeUp);
        final TopicDescriber describer = new TopicDescriber(topics);
        this.configs = new ConfigView(config, topics);
        this.configChanges = new ConfigAlterer(config, quorum);
        this.applied = new AppliedVersions(topics, config.nodeId(), engineWakeUp);
        this.admin = new TopicAdminHandler(config, topics, quorum, configs, random, applied, clock);
        this.metadata = new MetadataHandler(config, topics, describer, admin);
        this.cluster = new ClusterHandler(config.nodeId(), topics, describer, applied, clock, epochClock);
        this.elections = new ElectionHandler(topics, quorum, admin::untilImage, warnings);
        this.logs = new LogHandler(topics, config.dataDirectory().toString(), quorum, this::recordDeletion);
        this.producerIds = new ProducerIdHandler(quorum);
        this.coordinators = new CoordinatorFinder(config, topics, quorum, random);
        this.groupService = new GroupService(config, topics, clock, epochClock, random, engineWakeUp,
            this::recordDeletion, warnings, containment);
        this.groups = new GroupHandler(groupService);
        this.produce.coordinatorOutcomes(groupService::onOutcome);
        this.listOffsetsWork = listOffsets::doWork;
        this.adminWork = admin::onProgress;
        this.coordinatorsWork = coordinators::onProgress;
        route();
    }

    /**
     * Lets clients delete records; before the network thread starts.
     *
     * @param deletion any thread
     */
    public void recordDeletion(final RecordDeletion deletion) {
        recordDeletion = deletion;
    }

    /**
     * Sets who counts and logs what failed without ending the node; before the network thread starts.
     *
     * @param sink takes what was being done, and the failure; network thread
     */
    public void failures(final BiConsumer<String, Throwable> sink) {
        containment.failures(sink);
    }

    /**
     * Lets this node and its peers know of each other what metadata they answer with; before the network thread starts.
     *
     * @param shared with the engine thread
     */
    public void appliedMetadata(final AppliedMetadata shared) {
        applied.share(shared);
    }

    /** {@return where clients' deletions of records go, null when they are not served} */
    RecordDeletion recordDeletion() {
        return recordDeletion;
    }

    /**
     * Answers operators' commands as well; before the network thread starts.
     *
     * @param nodeId       of this node
     * @param quorumStatus what it knows of the quorum; any thread
     * @param gauges       of its shards; any thread
     * @param warnings     hears of elections by command
     */
    public void serveControl(final int nodeId, final Supplier<QuorumStatus> quorumStatus,
        final Supplier<List<ShardGauges>> gauges, final Consumer<String> warnings) {
        cluster.quorumStatus(quorumStatus);
        control =
            new ClusterControlHandler(nodeId, localShards, images, quorumStatus, gauges, quorum, clock, warnings);
    }

    @Override
    public int onRequest(final RequestHeader header, final DirectBuffer buffer, final int bodyIndex,
        final int bodyLength, final ReplySlot slot) {
        final long nowNs = clock.nanoTime();
        topics.leaseHeld(lease.isHeld(nowNs));
        switch (slot.apiKey()) {
            case ApiTable.PRODUCE:
                return produce.onRequest(buffer, bodyIndex, bodyLength, slot, nowNs);
            case ApiTable.FETCH:
                return fetch.onRequest(buffer, bodyIndex, bodyLength, slot, nowNs);
            case ApiTable.CLUSTER_CONTROL:
                control.handle(ClusterControlCodec.decode(buffer, bodyIndex, bodyLength), slot);
                return ACCEPTED;
            case ApiTable.METADATA, ApiTable.DESCRIBE_CLUSTER:
                if (!isClusterKnown) {
                    untilClusterIsKnown.hold(slot, nowNs);
                    return ACCEPTED;
                }
                cold.handle(buffer, bodyIndex, bodyLength, slot);
                return ACCEPTED;
            default:
                groups.onHeader(header, buffer);
                try {
                    cold.handle(buffer, bodyIndex, bodyLength, slot);
                } catch (final RuntimeException | StackOverflowError failure) {
                    groupService.distrustAsked();
                    throw failure; // the server answers it
                }
                return ACCEPTED;
        }
    }

    /** One line for each cold API that {@link ApiTable} advertises. */
    private void route() {
        cold.add(ApiTable.METADATA, ClusterCodec::decodeMetadata, metadata::handle);
        cold.add(ApiTable.LIST_OFFSETS, ListOffsetsCodec::decodeListOffsets,
            (request, slot) -> listOffsets.handle(request, slot, clock.nanoTime()));
        cold.add(ApiTable.CREATE_TOPICS, TopicCodec::decodeCreateTopics,
            (request, slot) -> admin.create(request, slot, clock.nanoTime()));
        cold.add(ApiTable.DELETE_TOPICS, TopicCodec::decodeDeleteTopics,
            (request, slot) -> admin.delete(request, slot, clock.nanoTime()));
        routeAdmin();
        cold.add(ApiTable.INIT_PRODUCER_ID, ProducerIdCodec::decodeInitProducerId,
            (request, slot) -> producerIds.handle(request, slot, clock.nanoTime()));
        cold.add(ApiTable.FIND_COORDINATOR, GroupCodec::decodeFindCoordinator,
            (request, slot) -> coordinators.handle(request, slot, clock.nanoTime()));
        groups.route(cold);
    }

    private void routeAdmin() {
        cold.add(ApiTable.CREATE_PARTITIONS, TopicCodec::decodeCreatePartitions,
            (request, slot) -> admin.enlarge(request, slot, clock.nanoTime()));
        cold.add(ApiTable.ELECT_LEADERS, TopicCodec::decodeElectLeaders,
            (request, slot) -> elections.handle(request, slot, clock.nanoTime()));
        cold.add(ApiTable.LIST_PARTITION_REASSIGNMENTS, TopicCodec::decodeListPartitionReassignments,
            (request, slot) -> slot.complete(
                TopicCodec.encode(slot.apiVersion(), new ListPartitionReassignments.Response(), slot)));
        cold.add(ApiTable.DESCRIBE_CONFIGS, ConfigCodec::decodeDescribeConfigs, configs::handle);
        cold.add(ApiTable.LIST_CONFIG_RESOURCES, ConfigCodec::decodeListConfigResources, configs::list);
        cold.add(ApiTable.ALTER_CONFIGS, ConfigCodec::decodeAlterConfigs,
            (request, slot) -> configChanges.replace(request, slot, clock.nanoTime()));
        cold.add(ApiTable.INCREMENTAL_ALTER_CONFIGS, ConfigCodec::decodeIncrementalAlterConfigs,
            (request, slot) -> configChanges.change(request, slot, clock.nanoTime()));
        cold.add(ApiTable.DESCRIBE_CLUSTER, ClusterCodec::decodeDescribeCluster, cluster::describeCluster);
        cold.add(ApiTable.DESCRIBE_TOPIC_PARTITIONS, ClusterCodec::decodeDescribeTopicPartitions,
            cluster::describeTopicPartitions);
        cold.add(ApiTable.DESCRIBE_QUORUM, ClusterCodec::decodeDescribeQuorum, cluster::describeQuorum);
        cold.add(ApiTable.DESCRIBE_LOG_DIRS, LogCodec::decodeDescribeLogDirs, logs::describe);
        cold.add(ApiTable.OFFSET_FOR_LEADER_EPOCH, LogCodec::decodeOffsetForLeaderEpoch, logs::epochEnds);
        cold.add(ApiTable.DELETE_RECORDS, LogCodec::decodeDeleteRecords,
            (request, slot) -> logs.delete(request, slot, clock.nanoTime()));
        cold.add(ApiTable.DESCRIBE_ACLS, AclCodec::decodeDescribeAcls, (request, slot) ->
            slot.complete(AclCodec.encodeDescribeAcls(slot.apiVersion(), refused(request), slot)));
        cold.add(ApiTable.CREATE_ACLS, AclCodec::decodeCreateAcls, (request, slot) ->
            slot.complete(AclCodec.encodeCreateAcls(slot.apiVersion(), refused(request), slot)));
        cold.add(ApiTable.DELETE_ACLS, AclCodec::decodeDeleteAcls, (request, slot) ->
            slot.complete(AclCodec.encodeDeleteAcls(slot.apiVersion(), refused(request), slot)));
    }

    private static Acls.Response refused(final Acls.Request request) {
        return new Acls.Response(request.count(), KafkaErrors.SECURITY_DISABLED,
            "there is no authorizer: every client may do everything, and there are no ACLs");
    }

    @Override
    public void onAbandoned(final ReplySlot slot) {
        final Object pending = slot.attachment();
        if (pending instanceof PendingProduce) {
            produce.onAbandoned(slot);
        } else if (pending instanceof PendingFetch) {
            fetch.onAbandoned(slot);
        } else if (pending instanceof Deferred deferred) {
            deferred.onAbandoned(slot);
        } else {
            slot.completeWithoutReply();
        }
    }

    @Override
    public void onExpired(final ReplySlot slot) {
        final Object pending = slot.attachment();
        if (pending instanceof PendingProduce) {
            produce.onExpired(slot);
        } else if (pending instanceof PendingFetch) {
            fetch.onExpired(slot);
        } else if (pending instanceof Deferred deferred) {
            deferred.onExpired(slot);
        }
    }

    @Override
    public int doWork(final long nowNs) {
        topics.leaseHeld(lease.isHeld(nowNs));
        int work = produce.drainOutcomes() + quorum.doWork()
            + containment.run("looking timestamps up", listOffsetsWork);
        final MetadataImage image = images.get();
        final boolean newImage = image != topics.image();
        if (newImage) {
            final MetadataChanges changes = topics.onImage(image);
            groupService.onImage(image, !changes.deletedTopics().isEmpty());
            isClusterKnown = MetadataHandler.controllerId(image) >= 0;
            work += isClusterKnown ? untilClusterIsKnown.release() : 0;
            work += control == null ? 0 : containment.run("an operator's command", controlWork);
        }
        final long leadership = leadership();
        if (newImage || leadership != seenLeadership) {
            seenLeadership = leadership;
            topics.refreshShards();
            applied.onProgress();
            work += fetch.onChange();
            if (admin.isWaiting()) {
                work += containment.run("answering who waits for leaders", adminWork);
            }
            work += containment.run("answering who waits for a coordinator", coordinatorsWork);
        } else if (admin.isWaiting() && (applied.takeNews() || nowNs - nextAdminNs >= 0)) {
            nextAdminNs = nowNs + ADMIN_INTERVAL_NS;
            work += containment.run("answering who waits for others to know", adminWork);
        }
        return work + fetch.onCommits() + groupService.doWork();
    }

    /** Changes whenever a shard was opened, began or ceased to lead here, or began to commit as its leader. */
    private long leadership() {
        long sum = 0;
        for (final LocalShard shard : localShards.all()) {
            final int committed = shard.hasCommittedInEpoch() ? 1 : 0;
            sum = sum * LEADERSHIP_MIX + 2L * (shard.leadingEpoch() + 2) + committed;
        }
        return sum;
    }
}
