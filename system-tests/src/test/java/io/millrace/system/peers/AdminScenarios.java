package io.millrace.system.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What operators do with the admin client. */
final class AdminScenarios {
    private static final String RETENTION = "retention.ms";

    private final PeerClients clients;

    AdminScenarios(final PeerClients clients) {
        this.clients = clients;
    }

    private static <T> T get(final KafkaFuture<T> future) throws Exception {
        return future.get(PeerClients.DEADLINE_S, TimeUnit.SECONDS);
    }

    private static TopicDescription describe(final Admin admin, final String topic) throws Exception {
        return get(admin.describeTopics(Set.of(topic)).allTopicNames()).get(topic);
    }

    private static void create(final Admin admin, final NewTopic topic) throws Exception {
        get(admin.createTopics(Set.of(topic)).all());
        // brokers hear of it one after the other, as with Kafka
        PeerClients.awaitUntil(() -> "the new topic", () -> isKnown(admin, topic.name()));
    }

    private static boolean isKnown(final Admin admin, final String topic) throws Exception {
        try {
            return get(admin.listTopics().names()).contains(topic) && describe(admin, topic) != null;
        } catch (final ExecutionException ex) {
            return false;
        }
    }

    void topics(final String name) throws Exception {
        final String topic = name + "-made";
        try (Admin admin = clients.admin()) {
            create(admin, new NewTopic(topic, 3, PeerClients.replicationFactor()));
            describe(admin, topic).partitions().forEach(partition -> PeerClients.requireEqual(
                (int) PeerClients.replicationFactor(), partition.replicas().size(), "replicas"));
            get(admin.deleteTopics(Set.of(topic)).all());
            PeerClients.awaitUntil(() -> "deletion", () -> !get(admin.listTopics().names()).contains(topic));
            try {
                get(admin.deleteTopics(Set.of(topic)).all());
                throw new AssertionError("the topic was deleted twice");
            } catch (final ExecutionException ex) {
                PeerClients.requireEqual(UnknownTopicOrPartitionException.class, ex.getCause().getClass(),
                    "error of a second deletion");
            }
        }
    }

    void partitions(final String name) throws Exception {
        final String topic = name + "-grown";
        try (Admin admin = clients.admin()) {
            create(admin, new NewTopic(topic, 2, PeerClients.replicationFactor()));
            get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(4))).all());
            PeerClients.awaitUntil(() -> "four partitions", () -> describe(admin, topic).partitions().size() == 4);
        }
        final RecordMetadata answer = clients.sendAll(
            List.of(new ProducerRecord<>(topic, 3, (byte[]) null, RecordScenarios.bytes("to the new one"))),
            Map.of()).get(0);
        PeerClients.requireEqual("3 0", answer.partition() + " " + answer.offset(), "place of the first record");
    }

    private static String retention(final Admin admin, final ConfigResource resource) throws Exception {
        return get(admin.describeConfigs(Set.of(resource)).all()).get(resource).get(RETENTION).value();
    }

    void configs(final String name) throws Exception {
        final String topic = name + "-configured";
        final ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try (Admin admin = clients.admin()) {
            create(admin, new NewTopic(topic, Optional.of(1), Optional.of(PeerClients.replicationFactor()))
                .configs(Map.of(RETENTION, "3600000")));
            PeerClients.requireEqual("3600000", retention(admin, resource), "retention.ms as created");
            get(admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(
                new ConfigEntry(RETENTION, "7200000"), AlterConfigOp.OpType.SET)))).all());
            PeerClients.awaitUntil(() -> "retention.ms as altered",
                () -> "7200000".equals(retention(admin, resource)));
            get(admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(
                new ConfigEntry(RETENTION, null), AlterConfigOp.OpType.DELETE)))).all());
            PeerClients.awaitUntil(() -> "retention.ms as at first",
                () -> !"7200000".equals(retention(admin, resource)));
        }
    }

    void groups(final String name) throws Exception {
        final String group = name + "-group";
        final TopicPartition place = new TopicPartition(name, 0);
        final List<String> seen = new ArrayList<>();
        final GroupMember member = new GroupMember(clients, name, Map.of("group.id", group), seen);
        GroupMember.awaitOwners(member);
        clients.sendAll(List.of(new ProducerRecord<>(name, 0, (byte[]) null, RecordScenarios.bytes("one"))), Map.of());
        try (Admin admin = clients.admin()) {
            PeerClients.awaitUntil(() -> "committed offset", () -> committed(admin, group, place) == 1);
            PeerClients.requireEqual(true, isListed(admin, group), "listed");
            final ConsumerGroupDescription description =
                get(admin.describeConsumerGroups(Set.of(group)).all()).get(group);
            PeerClients.requireEqual(1, description.members().size(), "members");
            PeerClients.requireEqual(3, description.members().iterator().next().assignment().topicPartitions().size(),
                "partitions of the member");
            member.stop();
            get(admin.alterConsumerGroupOffsets(group, Map.of(place, new OffsetAndMetadata(0))).all());
            PeerClients.requireEqual(0L, committed(admin, group, place), "offset as altered");
            PeerClients.requireEqual(1L, get(admin.listOffsets(Map.of(place, OffsetSpec.latest())).all()).get(place)
                .offset(), "end of the partition");
            get(admin.deleteConsumerGroupOffsets(group, Set.of(place)).all());
            PeerClients.requireEqual(null, get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .get(place), "offset as deleted");
            get(admin.deleteConsumerGroups(Set.of(group)).all());
            PeerClients.requireEqual(false, isListed(admin, group), "listed after deletion");
        }
    }

    private static long committed(final Admin admin, final String group, final TopicPartition place)
        throws Exception {
        final OffsetAndMetadata offset =
            get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()).get(place);
        return offset == null ? -1 : offset.offset();
    }

    @SuppressWarnings("removal") // what takes its place is not in 3.9
    private static boolean isListed(final Admin admin, final String group) throws Exception {
        return get(admin.listConsumerGroups().all()).stream().anyMatch(listing -> group.equals(listing.groupId()));
    }
}
