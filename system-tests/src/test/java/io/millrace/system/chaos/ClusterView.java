package io.millrace.system.chaos;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * What one broker says of its cluster. Asked for directly: Kafka's admin client asks any broker and hides epochs.
 *
 * @param brokers    it knows
 * @param partitions of all topics
 */
record ClusterView(Set<Integer> brokers, List<Partition> partitions) {
    private static final short METADATA_KEY = 3;
    private static final short VERSION = 8;
    private static final short REQUEST_HEADER_VERSION = 1;
    private static final short RESPONSE_HEADER_VERSION = 0;
    private static final int LARGEST_REPLY_LENGTH = 1 << 24;

    /** One of them. */
    record Partition(String topic, int partition, int leader, int epoch, List<Integer> isr) {
    }

    static ClusterView ask(final String host, final int port, final int timeoutMs) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), timeoutMs);
            socket.setSoTimeout(timeoutMs);
            final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.write(request());
            final DataInputStream in = new DataInputStream(socket.getInputStream());
            final int length = in.readInt();
            if (length < 0 || length > LARGEST_REPLY_LENGTH) {
                throw new IOException("not a reply: length=" + length);
            }
            final byte[] bytes = new byte[length];
            in.readFully(bytes);
            final ByteBufferAccessor reply = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
            new ResponseHeaderData(reply, RESPONSE_HEADER_VERSION);
            return of(new MetadataResponseData(reply, VERSION));
        }
    }

    private static byte[] request() {
        final RequestHeaderData header = new RequestHeaderData().setRequestApiKey(METADATA_KEY)
            .setRequestApiVersion(VERSION).setCorrelationId(1).setClientId("chaos");
        final MetadataRequestData data = new MetadataRequestData().setTopics(null).setAllowAutoTopicCreation(false);
        final ObjectSerializationCache cache = new ObjectSerializationCache();
        final int length = header.size(cache, REQUEST_HEADER_VERSION) + data.size(cache, VERSION);
        final ByteBuffer buffer = ByteBuffer.allocate(Integer.BYTES + length).putInt(length);
        header.write(new ByteBufferAccessor(buffer), cache, REQUEST_HEADER_VERSION);
        data.write(new ByteBufferAccessor(buffer), cache, VERSION);
        return buffer.array();
    }

    private static ClusterView of(final MetadataResponseData data) {
        final Set<Integer> brokers = new TreeSet<>();
        data.brokers().forEach(broker -> brokers.add(broker.nodeId()));
        return new ClusterView(brokers, data.topics().stream().flatMap(topic -> topic.partitions().stream()
            .map(partition -> new Partition(topic.name(), partition.partitionIndex(), partition.leaderId(),
                partition.leaderEpoch(), partition.isrNodes()))).toList());
    }

    boolean isWhole(final int nodeCount) {
        return brokers.size() == nodeCount && partitions.stream().allMatch(
            partition -> partition.leader() >= 0 && partition.isr().size() == nodeCount);
    }

    /** {@return what is not as it should be} */
    String describeHoles(final int nodeCount) {
        return "brokers=" + brokers + " " + partitions.stream()
            .filter(partition -> partition.leader() < 0 || partition.isr().size() < nodeCount)
            .map(partition -> partition.topic() + "-" + partition.partition() + " leader=" + partition.leader()
                + " epoch=" + partition.epoch() + " isr=" + partition.isr()).toList();
    }
}
