package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.TopicConfigs;
import io.millrace.broker.metadata.TopicInfo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.ElectLeadersResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators' requests are answered, by the handlers themselves. */
class AdminAnswersTest {
    /** By default. */
    private static final int OFFSETS_PARTITION_COUNT = 3;
    private static final byte TOPIC_TYPE = 2;
    private static final byte BROKER_TYPE = 4;

    private HandlerRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new HandlerRig();
    }

    private TopicInfo topic(final String name) {
        return rig.trio.image(rig.leader).topic(name);
    }

    private Uuid idOf(final String name) {
        final UUID id = topic(name).id();
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private MetadataResponseData metadata(final Uuid id, final String name, final int version) {
        return (MetadataResponseData) rig.ask((short) version, new MetadataRequestData().setTopics(List.of(
            new MetadataRequestData.MetadataRequestTopic().setTopicId(id).setName(name)))
            .setIncludeTopicAuthorizedOperations(version >= 8));
    }

    @Test
    void shouldFindATopicByItsIdWhenMetadataAsks() {
        final MetadataResponseData byId = metadata(idOf("t"), null, 13);
        final MetadataResponseData.MetadataResponseTopic topic = byId.topics().iterator().next();
        assertEquals("t", topic.name());
        assertEquals(idOf("t"), topic.topicId());
        assertEquals(rig.shard.leaderEpoch(), topic.partitions().get(0).leaderEpoch());
        assertEquals(3576, topic.topicAuthorizedOperations(), "what Kafka says without an authorizer");
        final MetadataResponseData.MetadataResponseTopic unknown =
            metadata(new Uuid(1, 2), null, 12).topics().iterator().next();
        assertEquals(Errors.UNKNOWN_TOPIC_ID.code(), unknown.errorCode());
        assertNull(unknown.name());
        assertEquals(new Uuid(1, 2), unknown.topicId());
        assertEquals(Errors.INVALID_REQUEST.code(),
            metadata(idOf("t"), "t", 11).topics().iterator().next().errorCode(), "ids came with version 12");
        assertEquals(idOf("t"), metadata(Uuid.ZERO_UUID, "t", 10).topics().find("t").topicId());
    }

    private CreateTopicsResponseData.CreatableTopicResult create(final String name, final boolean validateOnly) {
        final CreateTopicsRequestData request =
            new CreateTopicsRequestData().setTimeoutMs(1000).setValidateOnly(validateOnly);
        final CreateTopicsRequestData.CreatableTopic topic = new CreateTopicsRequestData.CreatableTopic()
            .setName(name).setNumPartitions(1).setReplicationFactor((short) 3);
        topic.configs().add(new CreateTopicsRequestData.CreatableTopicConfig().setName("retention.ms").setValue("7"));
        request.topics().add(topic);
        return ((CreateTopicsResponseData) rig.ask((short) 7, request)).topics().find(name);
    }

    private Errors create(final int version, final String name, final int partitionCount, final int factor) {
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(1000);
        request.topics().add(new CreateTopicsRequestData.CreatableTopic()
            .setName(name).setNumPartitions(partitionCount).setReplicationFactor((short) factor));
        return Errors.forCode(((CreateTopicsResponseData) rig.ask((short) version, request))
            .topics().find(name).errorCode());
    }

    @Test
    void shouldTakeDefaultsInEveryVersionWhenATopicIsCreatedWithoutCounts() {
        for (int version = 2; version <= 7; version++) {
            final String name = "defaults-" + version; // kafkajs asks so in version 3
            assertEquals(Errors.NONE, create(version, name, -1, -1));
            assertEquals(1, topic(name).partitionCount());
            assertEquals(1, topic(name).shardClass().replicationFactor(), "as the node is configured");
            assertEquals(Errors.INVALID_PARTITIONS, create(version, "none", 0, 3));
            assertEquals(Errors.INVALID_REPLICATION_FACTOR, create(version, "none", 1, 0));
        }
    }

    @Test
    void shouldCreateTheOffsetsTopicAsItIsToBeWhoeverNamesItFirst() {
        assertEquals(Errors.LEADER_NOT_AVAILABLE.code(), metadata(Uuid.ZERO_UUID, TopicInfo.OFFSETS_TOPIC, 12)
            .topics().find(TopicInfo.OFFSETS_TOPIC).errorCode());
        final TopicInfo created = topic(TopicInfo.OFFSETS_TOPIC);
        assertTrue(created.isInternal());
        assertEquals(OFFSETS_PARTITION_COUNT, created.partitionCount());
    }

    @Test
    void shouldCreateTheOffsetsTopicWithItsOwnDefaultsWhenAClientAsksForIt() {
        assertEquals(Errors.NONE, create(5, TopicInfo.OFFSETS_TOPIC, -1, -1));
        assertEquals(OFFSETS_PARTITION_COUNT, topic(TopicInfo.OFFSETS_TOPIC).partitionCount());
    }

    @Test
    void shouldTellIdCountsAndConfigsWhenATopicIsCreated() {
        final var checked = create("fresh", true);
        assertEquals(Errors.NONE.code(), checked.errorCode());
        assertEquals(Uuid.ZERO_UUID, checked.topicId());
        assertNull(topic("fresh"));
        final var created = create("fresh", false);
        assertEquals(idOf("fresh"), created.topicId());
        assertEquals(1, created.numPartitions());
        assertEquals(3, created.replicationFactor());
        assertEquals("7", created.configs().stream().filter(c -> c.name().equals("retention.ms")).findFirst()
            .orElseThrow().value());
        assertEquals(Errors.TOPIC_ALREADY_EXISTS.code(), create("fresh", false).errorCode());
    }

    @Test
    void shouldDeleteByIdAndRefuseBothOrNeither() {
        final Uuid id = idOf("t");
        final DeleteTopicsResponseData answer = (DeleteTopicsResponseData) rig.ask((short) 6,
            new DeleteTopicsRequestData().setTimeoutMs(1000).setTopics(List.of(
                new DeleteTopicsRequestData.DeleteTopicState().setName(null).setTopicId(id),
                new DeleteTopicsRequestData.DeleteTopicState().setName("t").setTopicId(id),
                new DeleteTopicsRequestData.DeleteTopicState().setName(null).setTopicId(Uuid.ZERO_UUID),
                new DeleteTopicsRequestData.DeleteTopicState().setName(null).setTopicId(new Uuid(5, 5)),
                new DeleteTopicsRequestData.DeleteTopicState().setName("none").setTopicId(Uuid.ZERO_UUID))));
        final List<Short> codes = answer.responses().stream().map(r -> r.errorCode()).toList();
        assertEquals(List.of(Errors.NONE.code(), Errors.INVALID_REQUEST.code(), Errors.INVALID_REQUEST.code(),
            Errors.UNKNOWN_TOPIC_ID.code(), Errors.UNKNOWN_TOPIC_OR_PARTITION.code()), codes);
        assertEquals("t", answer.responses().iterator().next().name(), "the name of what was deleted by its id");
        assertNull(topic("t"));
    }

    @Test
    void shouldTellTheIdOfATopicThatIsDeletedByItsName() {
        final Uuid id = idOf("t");
        final DeleteTopicsResponseData answer = (DeleteTopicsResponseData) rig.ask((short) 6,
            new DeleteTopicsRequestData().setTimeoutMs(1000).setTopics(List.of(
                new DeleteTopicsRequestData.DeleteTopicState().setName("t"),
                new DeleteTopicsRequestData.DeleteTopicState().setName("none"))));
        assertEquals(Errors.NONE.code(), answer.responses().find("t").errorCode());
        assertEquals(id, answer.responses().find("t").topicId());
        assertEquals(Uuid.ZERO_UUID, answer.responses().find("none").topicId());
    }

    private CreatePartitionsResponseData.CreatePartitionsTopicResult enlarge(final int count, final boolean only) {
        final CreatePartitionsRequestData request =
            new CreatePartitionsRequestData().setTimeoutMs(1000).setValidateOnly(only);
        request.topics().add(new CreatePartitionsRequestData.CreatePartitionsTopic().setName("t").setCount(count));
        return ((CreatePartitionsResponseData) rig.ask((short) 3, request)).results().get(0);
    }

    @Test
    void shouldAddPartitionsInShardsOfTheTopicsClass() {
        final int shardId = topic("t").shardId(0);
        assertEquals(Errors.NONE.code(), enlarge(4, true).errorCode());
        assertEquals(1, topic("t").partitionCount());
        assertEquals(Errors.NONE.code(), enlarge(4, false).errorCode());
        assertEquals(4, topic("t").partitionCount());
        assertEquals(shardId, topic("t").shardId(0), "what there was stays where it is");
        for (int i = 0; i < 4; i++) {
            assertEquals(topic("t").shardClass(),
                rig.trio.image(rig.leader).shard(topic("t").shardId(i)).shardClass());
        }
        final var refused = enlarge(4, false);
        assertEquals(Errors.INVALID_PARTITIONS.code(), refused.errorCode());
        assertTrue(refused.errorMessage().contains("least=5"), refused.errorMessage());
    }

    private Errors change(final byte type, final String name, final String key, final String value,
        final boolean validateOnly) {
        final IncrementalAlterConfigsRequestData request =
            new IncrementalAlterConfigsRequestData().setValidateOnly(validateOnly);
        final IncrementalAlterConfigsRequestData.AlterConfigsResource resource =
            new IncrementalAlterConfigsRequestData.AlterConfigsResource().setResourceType(type).setResourceName(name);
        resource.configs().add(new IncrementalAlterConfigsRequestData.AlterableConfig().setName(key)
            .setValue(value).setConfigOperation((byte) (value == null ? 1 : 0)));
        request.resources().add(resource);
        final var answer = ((IncrementalAlterConfigsResponseData) rig.ask((short) 1, request)).responses().get(0);
        lastMessage = answer.errorMessage();
        return Errors.forCode(answer.errorCode());
    }

    private String lastMessage;

    private DescribeConfigsResponseData.DescribeConfigsResourceResult described(
        final byte type, final String name, final String key) {
        final DescribeConfigsResponseData answer = (DescribeConfigsResponseData) rig.ask((short) 4,
            new DescribeConfigsRequestData().setIncludeSynonyms(true).setIncludeDocumentation(true).setResources(
                List.of(new DescribeConfigsRequestData.DescribeConfigsResource()
                    .setResourceType(type).setResourceName(name).setConfigurationKeys(List.of(key)))));
        assertEquals(0, answer.results().get(0).errorCode());
        final var configs = answer.results().get(0).configs();
        return configs.isEmpty() ? null : configs.get(0);
    }

    @Test
    void shouldChangeATopicsConfigsAndTellWhereValuesComeFrom() {
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "max.message.bytes", "2000", true));
        assertEquals(5, described(TOPIC_TYPE, "t", "max.message.bytes").configSource());
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "max.message.bytes", "2000", false));
        final var set = described(TOPIC_TYPE, "t", "max.message.bytes");
        assertEquals("2000", set.value());
        assertEquals(1, set.configSource());
        assertEquals(List.of("max.message.bytes", "message.max.bytes"),
            set.synonyms().stream().map(s -> s.name()).toList());
        assertNotNull(set.documentation());
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "max.message.bytes", null, false));
        assertEquals("1048588", described(TOPIC_TYPE, "t", "max.message.bytes").value());
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "retention.m", "1", false));
        assertTrue(lastMessage.contains("retention.ms?"), lastMessage);
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "cleanup.policy", "compact", false));
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "message.timestamp.type", "LogAppendTime", false));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, change(TOPIC_TYPE, "none", "retention.ms", "1", false));
    }

    @Test
    void shouldDescribeAllConfigsWhenTheListOfNamesIsEmptyAndRefuseNamesThatNoTopicCanHave() {
        final DescribeConfigsResponseData answer = (DescribeConfigsResponseData) rig.ask((short) 4,
            new DescribeConfigsRequestData().setResources(Stream.of("t", "none", "a b").map(name ->
                new DescribeConfigsRequestData.DescribeConfigsResource().setResourceType(TOPIC_TYPE)
                    .setResourceName(name).setConfigurationKeys(List.of())).toList()));
        assertEquals(TopicConfigs.all().size(), answer.results().get(0).configs().size());
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), answer.results().get(1).errorCode());
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION.code(), answer.results().get(2).errorCode());
    }

    @Test
    void shouldRefuseLimitsOfBatchesThatNoRingCanKeep() {
        final int most = (16 << 20) / 8 - 64;
        final String self = Integer.toString(rig.leader);
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "max.message.bytes", "" + most, false));
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "max.message.bytes", "" + (most + 1), false));
        assertTrue(lastMessage.contains("millrace.ring.bytes"), lastMessage);
        assertEquals(Errors.INVALID_CONFIG, change(BROKER_TYPE, self, "message.max.bytes", "2147483647", false));
        assertTrue(lastMessage.contains("millrace.ring.bytes"), lastMessage);
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "max.message.bytes", "2147483648", false));
        assertEquals(Errors.INVALID_CONFIG, change(TOPIC_TYPE, "t", "max.message.bytes", "2m", false));
        assertEquals("" + most, topic("t").configs().get("max.message.bytes"));
        final CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(1000);
        final CreateTopicsRequestData.CreatableTopic topic = new CreateTopicsRequestData.CreatableTopic()
            .setName("large").setNumPartitions(1).setReplicationFactor((short) 3);
        topic.configs().add(new CreateTopicsRequestData.CreatableTopicConfig()
            .setName("max.message.bytes").setValue("10485760"));
        request.topics().add(topic);
        final var answer = ((CreateTopicsResponseData) rig.ask((short) 7, request)).topics().find("large");
        assertEquals(Errors.INVALID_CONFIG.code(), answer.errorCode());
        assertTrue(answer.errorMessage().contains("millrace.ring.bytes"), answer.errorMessage());
    }

    @Test
    void shouldTellEachConfigOfABrokerWithItsTypeAndTheNumberThatCounts() {
        final String self = Integer.toString(rig.leader);
        for (final String name : List.of("default.replication.factor", "min.insync.replicas",
            "offsets.topic.replication.factor")) {
            assertEquals("1", described(BROKER_TYPE, self, name).value(), name);
            assertEquals(3, described(BROKER_TYPE, self, name).configType(), name);
            assertEquals(5, described(BROKER_TYPE, self, name).configSource(), name);
        }
        assertEquals(5, described(BROKER_TYPE, self, "log.retention.ms").configType());
        assertEquals(1, described(BROKER_TYPE, self, "auto.create.topics.enable").configType());
        assertEquals(7, described(BROKER_TYPE, self, "millrace.cluster.controllers").configType());
        assertEquals(2, described(BROKER_TYPE, self, "listeners").configType());
        assertEquals(Errors.NONE, change(BROKER_TYPE, "", "message.max.bytes", "2000", false));
        assertEquals(3, described(BROKER_TYPE, "", "message.max.bytes").configType());
    }

    private Errors operate(final byte type, final String name, final String key, final int operation,
        final String value) {
        final IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        final IncrementalAlterConfigsRequestData.AlterConfigsResource resource =
            new IncrementalAlterConfigsRequestData.AlterConfigsResource().setResourceType(type).setResourceName(name);
        resource.configs().add(new IncrementalAlterConfigsRequestData.AlterableConfig().setName(key)
            .setValue(value).setConfigOperation((byte) operation));
        request.resources().add(resource);
        final var answer = ((IncrementalAlterConfigsResponseData) rig.ask((short) 1, request)).responses().get(0);
        lastMessage = answer.errorMessage();
        return Errors.forCode(answer.errorCode());
    }

    @Test
    void shouldAddToAndTakeFromListsOnly() {
        final int append = 2;
        final int subtract = 3;
        for (final int operation : new int[] {append, subtract}) {
            assertEquals(Errors.INVALID_CONFIG, operate(TOPIC_TYPE, "t", "retention.ms", operation, "1000"));
            assertTrue(lastMessage.contains("not LIST"), lastMessage);
            assertEquals(Errors.INVALID_CONFIG, operate(TOPIC_TYPE, "t", "no.such", operation, "1000"));
            assertEquals(Errors.INVALID_CONFIG, operate(BROKER_TYPE, "", "log.retention.ms", operation, "1000"));
            assertEquals(Errors.INVALID_REQUEST, operate(TOPIC_TYPE, "t", "cleanup.policy", operation, null));
        }
        assertEquals(Map.of(), topic("t").configs(), "records were to be deleted by that");
        assertEquals(Errors.NONE, operate(TOPIC_TYPE, "t", "cleanup.policy", subtract, "compact"));
        assertEquals(Errors.NONE, operate(TOPIC_TYPE, "t", "cleanup.policy", append, "delete"));
        assertEquals(Map.of("cleanup.policy", "delete"), topic("t").configs());
        assertEquals(Errors.INVALID_CONFIG, operate(TOPIC_TYPE, "t", "cleanup.policy", append, "compact"));
        assertTrue(lastMessage.contains("delete,compact"), lastMessage);
        assertEquals(Errors.INVALID_CONFIG, operate(TOPIC_TYPE, "t", "cleanup.policy", subtract, "delete"));
        assertEquals(Errors.INVALID_REQUEST, operate(TOPIC_TYPE, "t", "cleanup.policy", 4, "delete"));
    }

    @Test
    void shouldReplaceAllConfigsWhenTheOldRequestComes() {
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "retention.bytes", "5", false));
        final AlterConfigsRequestData request = new AlterConfigsRequestData();
        final AlterConfigsRequestData.AlterConfigsResource resource =
            new AlterConfigsRequestData.AlterConfigsResource().setResourceType(TOPIC_TYPE).setResourceName("t");
        resource.configs().add(new AlterConfigsRequestData.AlterableConfig().setName("retention.ms").setValue("9"));
        request.resources().add(resource);
        assertEquals(0, ((AlterConfigsResponseData) rig.ask((short) 2, request)).responses().get(0).errorCode());
        assertEquals(Map.of("retention.ms", "9"), topic("t").configs());
    }

    private Errors produce(final int length) {
        final ProduceRequestData.TopicProduceDataCollection topics =
            new ProduceRequestData.TopicProduceDataCollection();
        topics.add(new ProduceRequestData.TopicProduceData().setTopicId(idOf("t")).setPartitionData(
            List.of(new ProduceRequestData.PartitionProduceData().setIndex(0)
                .setRecords(MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[length]))))));
        final ProduceResponseData answer = (ProduceResponseData) rig.ask((short) 13,
            new ProduceRequestData().setAcks((short) 1).setTimeoutMs(30_000).setTopicData(topics));
        return Errors.forCode(answer.responses().iterator().next().partitionResponses().get(0).errorCode());
    }

    @Test
    void shouldChangeWhatARunningBrokerTakesAndRefuseTheRest() {
        final String self = Integer.toString(rig.leader);
        assertEquals(Errors.NONE, produce(3000));
        assertEquals(Errors.NONE, change(BROKER_TYPE, "", "message.max.bytes", "2000", false));
        assertEquals(Errors.MESSAGE_TOO_LARGE, produce(3000), "at once");
        assertEquals(3, described(BROKER_TYPE, self, "message.max.bytes").configSource());
        assertEquals(Errors.NONE, change(BROKER_TYPE, self, "message.max.bytes", "4000", false));
        assertEquals(Errors.NONE, produce(3000), "a broker's own value comes first");
        assertEquals(2, described(BROKER_TYPE, self, "message.max.bytes").configSource());
        assertEquals("2000", described(BROKER_TYPE, "", "message.max.bytes").value());
        assertEquals(Errors.NONE, change(TOPIC_TYPE, "t", "max.message.bytes", "2500", false));
        assertEquals(Errors.MESSAGE_TOO_LARGE, produce(3000), "a topic's own value comes before all");
        assertEquals(Errors.INVALID_CONFIG, change(BROKER_TYPE, self, "log.segment.bytes", "1", false));
        assertTrue(lastMessage.contains("restart"), lastMessage);
        assertTrue(described(BROKER_TYPE, self, "log.segment.bytes").readOnly());
        assertEquals(Errors.INVALID_REQUEST, change(BROKER_TYPE, "x", "message.max.bytes", "2000", false));
        assertEquals(Errors.INVALID_REQUEST, change((byte) 8, self, "root", "INFO", false));
    }

    @Test
    void shouldGoOnAtTheCursorWhenPartitionsAreDescribedInParts() {
        create("a", false);
        assertEquals(Errors.NONE.code(), enlarge(5, false).errorCode());
        final DescribeTopicPartitionsRequestData request =
            new DescribeTopicPartitionsRequestData().setResponsePartitionLimit(4);
        int partitionCount = 0;
        int rounds = 0;
        while (rounds == 0 || request.cursor() != null) {
            final var answer = (DescribeTopicPartitionsResponseData) rig.ask((short) 0, request);
            partitionCount += answer.topics().stream().mapToInt(t -> t.partitions().size()).sum();
            rounds++;
            request.setCursor(answer.nextCursor() == null ? null : new DescribeTopicPartitionsRequestData.Cursor()
                .setTopicName(answer.nextCursor().topicName())
                .setPartitionIndex(answer.nextCursor().partitionIndex()));
        }
        assertEquals(6, partitionCount);
        assertEquals(2, rounds);
        request.setTopics(List.of(new DescribeTopicPartitionsRequestData.TopicRequest().setName("none")));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
            ((DescribeTopicPartitionsResponseData) rig.ask((short) 0, request)).topics().find("none").errorCode());
    }

    private Errors described(final DescribeTopicPartitionsRequestData.Cursor cursor, final String name) {
        final var answer = (DescribeTopicPartitionsResponseData) rig.ask((short) 0,
            new DescribeTopicPartitionsRequestData().setCursor(cursor).setTopics(
                List.of(new DescribeTopicPartitionsRequestData.TopicRequest().setName(name))));
        return Errors.forCode(answer.topics().find(name).errorCode());
    }

    @Test
    void shouldRefuseToDescribeNamesThatNoTopicCanHaveAndCursorsElsewhere() {
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, described(null, "a b"));
        assertEquals(Errors.NONE, described(null, "t"));
        final var cursor = new DescribeTopicPartitionsRequestData.Cursor();
        assertEquals(Errors.INVALID_REQUEST, described(cursor.setTopicName("s"), "t"), "not in the list");
        assertEquals(Errors.NONE, described(cursor.setTopicName("t"), "t"));
        assertEquals(Errors.INVALID_REQUEST, described(cursor.setPartitionIndex(-1), "t"));
    }

    @Test
    void shouldElectOncePerShardAndSayWhatWasNotNeeded() {
        final ElectLeadersRequestData request = new ElectLeadersRequestData().setTimeoutMs(1000);
        request.setTopicPartitions(new ElectLeadersRequestData.TopicPartitionsCollection(List.of(
            new ElectLeadersRequestData.TopicPartitions().setTopic("t").setPartitions(List.of(0, 7))).iterator()));
        final var partitions = ((ElectLeadersResponseData) rig.ask((short) 2, request)).replicaElectionResults()
            .get(0).partitionResult();
        assertEquals(Errors.ELECTION_NOT_NEEDED.code(), partitions.get(0).errorCode());
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION.code(), partitions.get(1).errorCode());
        final var all = (ElectLeadersResponseData) rig.ask((short) 2, request.setTopicPartitions(null));
        assertEquals(List.of(), all.replicaElectionResults(), "those that need none are left out");
    }

    @Test
    void shouldRefuseAclsAsKafkaDoesWithoutAnAuthorizer() {
        final CreateAclsRequestData request = new CreateAclsRequestData();
        request.creations().add(new CreateAclsRequestData.AclCreation().setResourceName("t").setPrincipal("User:a")
            .setHost("*").setResourceType((byte) 2).setOperation((byte) 3).setPermissionType((byte) 3)
            .setResourcePatternType((byte) 3));
        final var answer = (CreateAclsResponseData) rig.ask((short) 3, request);
        assertEquals(Errors.SECURITY_DISABLED.code(), answer.results().get(0).errorCode());
    }

    private OffsetForLeaderEpochResponseData.EpochEndOffset epochEnd(final int current, final int epoch) {
        final OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData().setReplicaId(-1);
        request.topics().add(new OffsetForLeaderEpochRequestData.OffsetForLeaderTopic().setTopic("t").setPartitions(
            List.of(new OffsetForLeaderEpochRequestData.OffsetForLeaderPartition().setPartition(0)
                .setCurrentLeaderEpoch(current).setLeaderEpoch(epoch))));
        return ((OffsetForLeaderEpochResponseData) rig.ask((short) 4, request)).topics().find("t").partitions().get(0);
    }

    @Test
    void shouldTellWhereEveryEpochEndedOverSeveralLeaders() {
        final int first = rig.shard.leaderEpoch();
        produce(10);
        produce(10);
        rig.commitAll();
        final int second = rig.leadAnew();
        final int third = rig.leadAnew();
        produce(10);
        rig.commitAll();
        assertEquals(2, epochEnd(third, first).endOffset());
        assertEquals(first, epochEnd(third, first).leaderEpoch());
        assertEquals(2, epochEnd(third, second).endOffset(), "nothing was written in it");
        assertEquals(3, epochEnd(third, third).endOffset());
        assertEquals(2, epochEnd(third, third - 1).endOffset(), "led by another, who wrote nothing");
        assertEquals(-1, epochEnd(third, third + 1).endOffset());
        assertEquals(Errors.FENCED_LEADER_EPOCH.code(), epochEnd(first, first).errorCode());
        assertEquals(Errors.UNKNOWN_LEADER_EPOCH.code(), epochEnd(third + 1, first).errorCode());
    }

    /** librdkafka asks in version 2 and goes on asking unless the error is one of authorization. */
    @Test
    void shouldRefuseTransactionsForGoodWhenTheClientIsAnOldOne() {
        final FindCoordinatorResponseData answer = (FindCoordinatorResponseData) rig.ask(
            (short) 2, new FindCoordinatorRequestData().setKeyType((byte) 1).setKey("x"));
        assertEquals(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code(), answer.errorCode());
    }
}
