package io.millrace.system;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Which codec the first batch of each partition has, as a broker sends it: clients that are told too little of a broker
 * leave compression out without a word.
 */
final class StoredCodecs {
    private static final List<String> NAMES = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final int FETCH = 1;
    private static final int FETCH_VERSION = 4;
    private static final int FETCH_LENGTH = 1024;
    private static final int ATTRIBUTES_INDEX = 21;
    private static final int CODEC_MASK = 7;

    private StoredCodecs() {
    }

    static List<String> of(final ClusterHarness cluster, final String topic) throws Exception {
        final TopicDescription description;
        try (Admin admin = JavaClients.admin(cluster)) {
            description = admin.describeTopics(Set.of(topic)).allTopicNames().get(60, TimeUnit.SECONDS).get(topic);
        }
        final List<String> codecs = new ArrayList<>();
        for (final TopicPartitionInfo partition : description.partitions()) {
            codecs.add(firstCodec(partition.leader(), topic, partition.partition()));
        }
        return codecs;
    }

    private static String firstCodec(final Node leader, final String topic, final int partition) throws IOException {
        try (Socket socket = new Socket(leader.host(), leader.port())) {
            socket.setSoTimeout((int) JavaClients.PATIENCE.toMillis());
            final ByteBuffer request = request(topic, partition);
            final DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            out.writeInt(request.position());
            out.write(request.array(), 0, request.position());
            out.flush();
            final DataInputStream in = new DataInputStream(socket.getInputStream());
            final byte[] reply = new byte[in.readInt()];
            in.readFully(reply);
            return codecIn(ByteBuffer.wrap(reply), topic);
        }
    }

    private static ByteBuffer request(final String topic, final int partition) {
        final byte[] name = topic.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(256 + name.length)
            .putShort((short) FETCH).putShort((short) FETCH_VERSION).putInt(1).putShort((short) -1)
            .putInt(-1).putInt(0).putInt(0).putInt(FETCH_LENGTH).put((byte) 0)
            .putInt(1).putShort((short) name.length).put(name)
            .putInt(1).putInt(partition).putLong(0).putInt(FETCH_LENGTH);
    }

    private static String codecIn(final ByteBuffer reply, final String topic) {
        final int correlationThrottleAndCounts = 4 + 4 + 4 + 2 + topic.length() + 4;
        reply.position(correlationThrottleAndCounts + 4);
        final int error = reply.getShort();
        reply.position(reply.position() + 16);
        final int abortedCount = reply.getInt();
        final int length = reply.getInt();
        if (error != 0 || abortedCount > 0 || length <= ATTRIBUTES_INDEX) {
            return "error " + error + ", " + length + " bytes";
        }
        return NAMES.get(reply.getShort(reply.position() + ATTRIBUTES_INDEX) & CODEC_MASK);
    }
}
