package io.millrace.transport.kafka.server;

import io.millrace.engine.io.LogFile;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ClusterCodec;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.codec.FetchRequestCursor;
import io.millrace.transport.kafka.codec.FetchResponseEncoder;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.codec.ListOffsetsCodec;
import io.millrace.transport.kafka.codec.ProduceRequestCursor;
import io.millrace.transport.kafka.codec.ProduceResponseEncoder;
import io.millrace.transport.kafka.codec.ProducerIdCodec;
import io.millrace.transport.kafka.codec.RequestHeader;
import io.millrace.transport.kafka.codec.TopicCodec;
import io.millrace.transport.kafka.message.CreateTopics;
import io.millrace.transport.kafka.message.DeleteTopics;
import io.millrace.transport.kafka.message.DescribeCluster;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.DescribeTopicPartitions;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.ListOffsets;
import io.millrace.transport.kafka.message.Metadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.agrona.DirectBuffer;

/**
 * One broker without replication or recovery, just enough for clients to produce and consume: batches of a partition
 * one after the other in a file. Owned by the network thread.
 */
final class MiniBroker implements RequestHandler {
    private static final int FRAME_HEADER_LENGTH = 32;

    private final LogFile file;
    private final Map<String, List<List<Batch>>> topics = new LinkedHashMap<>();
    private final Map<UUID, String> namesById = new HashMap<>();
    private final List<ReplySlot> waiting = new ArrayList<>();
    private final ProduceRequestCursor produce = new ProduceRequestCursor();
    private final ProduceResponseEncoder produceResponse = new ProduceResponseEncoder();
    private final FetchRequestCursor fetch = new FetchRequestCursor();
    private final FetchResponseEncoder fetchResponse = new FetchResponseEncoder();
    private long fileLength;
    private int port;
    private long nowNs;
    private long nextProducerId = 1000;

    private record Batch(long fileOffset, int length, long baseOffset, long nextOffset) {
    }

    MiniBroker(final LogFile file) {
        this.file = file;
    }

    void port(final int value) {
        port = value;
    }

    @Override
    public int onRequest(
        final RequestHeader header,
        final DirectBuffer buffer,
        final int bodyIndex,
        final int bodyLength,
        final ReplySlot slot) {
        final int version = header.apiVersion();
        switch (header.apiKey()) {
            case ApiTable.PRODUCE -> onProduce(version, buffer, bodyIndex, bodyLength, slot);
            case ApiTable.FETCH -> {
                slot.retainRequest();
                onFetch(slot, false);
            }
            case ApiTable.METADATA -> slot.complete(ClusterCodec.encode(version,
                metadata(ClusterCodec.decodeMetadata(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.DESCRIBE_TOPIC_PARTITIONS -> slot.complete(ClusterCodec.encode(version,
                describe(ClusterCodec.decodeDescribeTopicPartitions(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.DESCRIBE_CLUSTER -> slot.complete(ClusterCodec.encode(version,
                new DescribeCluster.Response((short) 0, null, DescribeCluster.BROKERS, "mini", 1,
                    List.of(new DescribeCluster.Broker(1, "127.0.0.1", port, false)), Integer.MIN_VALUE), slot));
            case ApiTable.LIST_OFFSETS -> slot.complete(ListOffsetsCodec.encode(version,
                listOffsets(ListOffsetsCodec.decodeListOffsets(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.CREATE_TOPICS -> slot.complete(TopicCodec.encode(version,
                create(TopicCodec.decodeCreateTopics(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.DELETE_TOPICS -> slot.complete(TopicCodec.encode(version,
                delete(TopicCodec.decodeDeleteTopics(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.INIT_PRODUCER_ID -> slot.complete(ProducerIdCodec.encode(version,
                new InitProducerId.Response((short) 0, nextProducerId++, (short) 0), slot));
            case ApiTable.DESCRIBE_CONFIGS -> slot.complete(ConfigCodec.encode(version,
                describe(ConfigCodec.decodeDescribeConfigs(version, buffer, bodyIndex, bodyLength)), slot));
            case ApiTable.FIND_COORDINATOR -> slot.complete(GroupCodec.encode(version,
                new FindCoordinator.Response(List.of(
                    new FindCoordinator.Coordinator("", (short) 15, "no groups here", -1, "", -1))), slot));
            default -> slot.fail("not expected here: " + ApiTable.name(header.apiKey()));
        }
        return ACCEPTED;
    }

    @Override
    public void onAbandoned(final ReplySlot slot) {
        waiting.remove(slot);
        slot.completeWithoutReply();
    }

    @Override
    public void onExpired(final ReplySlot slot) {
        waiting.remove(slot);
        onFetch(slot, true);
    }

    @Override
    public int doWork(final long atNs) {
        nowNs = atNs;
        return 0;
    }

    private void onProduce(
        final int version, final DirectBuffer buffer, final int index, final int length, final ReplySlot slot) {
        produce.wrap(version, buffer, index, length);
        produceResponse.begin(slot, version, produce.topicCount());
        while (produce.next()) {
            final String topic = produce.hasTopicIds()
                ? namesById.get(new UUID(produce.topicIdMost(), produce.topicIdLeast()))
                : buffer.getStringWithoutLengthUtf8(produce.topicIndex(), produce.topicLength());
            if (produce.isNewTopic()) {
                produceResponse.topic(buffer, produce.topicIndex(), produce.topicLength(),
                    produce.topicPartitionCount());
            }
            final int entry = produceResponse.partition(produce.partitionId());
            final long baseOffset = append(partition(topic, produce.partitionId()), buffer);
            ProduceResponseEncoder.patch(slot.ensureCapacity(0), version, entry, (short) 0, baseOffset, 0);
        }
        final int end = produceResponse.end();
        if (produce.acks() == 0) {
            slot.completeWithoutReply();
        } else {
            slot.complete(end);
        }
        for (final ReplySlot waiter : List.copyOf(waiting)) {
            waiting.remove(waiter);
            onFetch(waiter, false);
        }
    }

    private long append(final List<Batch> partition, final DirectBuffer buffer) {
        final byte[] batch = new byte[produce.recordsLength()];
        buffer.getBytes(produce.recordsIndex(), batch);
        final ByteBuffer bytes = ByteBuffer.wrap(batch).order(ByteOrder.BIG_ENDIAN);
        final long baseOffset = partition.isEmpty() ? 0 : partition.get(partition.size() - 1).nextOffset;
        bytes.putLong(0, baseOffset);
        final long at = fileLength + FRAME_HEADER_LENGTH;
        try {
            file.write(bytes, at);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        fileLength = at + batch.length;
        partition.add(new Batch(at, batch.length, baseOffset, baseOffset + bytes.getInt(23) + 1));
        return baseOffset;
    }

    private void onFetch(final ReplySlot slot, final boolean expired) {
        final DirectBuffer request = slot.requestBuffer();
        fetch.wrap(slot.apiVersion(), request, 0, slot.requestLength());
        long available = 0;
        while (fetch.next()) {
            final List<Batch> partition = partition(topic(request), fetch.partitionId());
            available += partition.isEmpty() ? 0 :
                partition.get(partition.size() - 1).nextOffset - fetch.fetchOffset();
        }
        if (available <= 0 && !expired && fetch.maxWaitMs() > 0) {
            waiting.add(slot);
            slot.expireAt(nowNs + fetch.maxWaitMs() * 1_000_000L);
            return;
        }
        slot.cancelExpiry();
        fetchResponse.begin(slot, slot.apiVersion(), (short) 0, fetch.topicCount());
        fetch.rewind();
        while (fetch.next()) {
            final List<Batch> partition = partition(topic(request), fetch.partitionId());
            if (fetch.isNewTopic()) {
                fetchResponse.topic(request, fetch.topicIndex(), fetch.topicLength(), fetch.topicPartitionCount());
            }
            final long end = partition.isEmpty() ? 0 : partition.get(partition.size() - 1).nextOffset;
            fetchResponse.partition(fetch.partitionId(), (short) 0, end, 0);
            long left = fetch.partitionMaxLength();
            for (final Batch batch : partition) {
                if (batch.nextOffset > fetch.fetchOffset() && left > 0) {
                    fetchResponse.batch(file, batch.fileOffset, batch.length);
                    left -= batch.length;
                }
            }
        }
        slot.complete(fetchResponse.end());
    }

    private String topic(final DirectBuffer buffer) {
        return fetch.hasTopicIds() ? namesById.get(new UUID(fetch.topicIdMost(), fetch.topicIdLeast()))
            : buffer.getStringWithoutLengthUtf8(fetch.topicIndex(), fetch.topicLength());
    }

    private List<Batch> partition(final String topic, final int partitionId) {
        return partitions(topic, partitionId + 1).get(partitionId);
    }

    private List<List<Batch>> partitions(final String topic, final int count) {
        namesById.put(idOf(topic), topic);
        final List<List<Batch>> partitions = topics.computeIfAbsent(topic, name -> new ArrayList<>());
        while (partitions.size() < count) {
            partitions.add(new ArrayList<>());
        }
        return partitions;
    }

    private static UUID idOf(final String topic) {
        return UUID.nameUUIDFromBytes(topic.getBytes(StandardCharsets.UTF_8));
    }

    private DescribeTopicPartitions.Response describe(final DescribeTopicPartitions.Request request) {
        final List<DescribeTopicPartitions.Topic> described = new ArrayList<>();
        final List<Metadata.RequestTopic> asked =
            request.topics().stream().map(name -> new Metadata.RequestTopic(null, name)).toList();
        for (final Metadata.Topic topic : metadata(new Metadata.Request(asked, false, false, false)).topics()) {
            described.add(new DescribeTopicPartitions.Topic(topic.errorCode(), topic.name(), topic.id(), false,
                topic.partitions().stream().map(p -> new DescribeTopicPartitions.Partition(p, List.of())).toList(),
                topic.authorizedOperations()));
        }
        return new DescribeTopicPartitions.Response(described, null);
    }

    private Metadata.Response metadata(final Metadata.Request request) {
        final List<Metadata.Topic> described = new ArrayList<>();
        for (final String name : request.topics() == null ? List.copyOf(topics.keySet())
            : request.topics().stream().map(Metadata.RequestTopic::name).toList()) {
            if (!topics.containsKey(name) && !request.autoTopicCreationAllowed()) {
                described.add(new Metadata.Topic((short) 3, name, false, List.of()));
                continue;
            }
            final List<Metadata.Partition> partitions = new ArrayList<>();
            for (int i = 0; i < partitions(name, 1).size(); i++) {
                partitions.add(new Metadata.Partition((short) 0, i, 1, 0, List.of(1), List.of(1), List.of()));
            }
            described.add(new Metadata.Topic((short) 0, name, idOf(name), false, partitions, 0));
        }
        return new Metadata.Response(List.of(new Metadata.Broker(1, "127.0.0.1", port)), "mini", 1, described);
    }

    private ListOffsets.Response listOffsets(final ListOffsets.Request request) {
        final List<ListOffsets.ResponseTopic> answers = new ArrayList<>();
        for (final ListOffsets.RequestTopic topic : request.topics()) {
            final List<ListOffsets.ResponsePartition> partitions = new ArrayList<>();
            for (final ListOffsets.RequestPartition asked : topic.partitions()) {
                final List<Batch> partition = partition(topic.name(), asked.partitionId());
                final long end = partition.isEmpty() ? 0 : partition.get(partition.size() - 1).nextOffset;
                partitions.add(new ListOffsets.ResponsePartition(asked.partitionId(), (short) 0, -1,
                    asked.timestampMs() == ListOffsets.EARLIEST ? 0 : end, -1));
            }
            answers.add(new ListOffsets.ResponseTopic(topic.name(), partitions));
        }
        return new ListOffsets.Response(answers);
    }

    private CreateTopics.Response create(final CreateTopics.Request request) {
        final List<CreateTopics.ResponseTopic> answers = new ArrayList<>();
        for (final CreateTopics.RequestTopic topic : request.topics()) {
            final boolean exists = topics.containsKey(topic.name());
            if (!exists) {
                partitions(topic.name(), Math.max(1, topic.partitionCount()));
            }
            answers.add(new CreateTopics.ResponseTopic(
                topic.name(), exists ? (short) 36 : 0, exists ? "there is one already" : null));
        }
        return new CreateTopics.Response(answers);
    }

    private DeleteTopics.Response delete(final DeleteTopics.Request request) {
        final List<DeleteTopics.ResponseTopic> answers = new ArrayList<>();
        for (final DeleteTopics.RequestTopic topic : request.topics()) {
            final String name = topic.name();
            answers.add(new DeleteTopics.ResponseTopic(name, topics.remove(name) == null ? (short) 3 : 0));
        }
        return new DeleteTopics.Response(answers);
    }

    private static DescribeConfigs.Response describe(final DescribeConfigs.Request request) {
        final List<DescribeConfigs.ResponseResource> answers = new ArrayList<>();
        for (final DescribeConfigs.RequestResource resource : request.resources()) {
            answers.add(new DescribeConfigs.ResponseResource((short) 0, null, resource.type(), resource.name(),
                List.of(new DescribeConfigs.Config("min.insync.replicas", "1", false,
                    DescribeConfigs.SOURCE_DEFAULT, false, DescribeConfigs.TYPE_INT))));
        }
        return new DescribeConfigs.Response(answers);
    }

    static byte[] utf8(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
