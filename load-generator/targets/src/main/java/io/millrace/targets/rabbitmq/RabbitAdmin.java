package io.millrace.targets.rabbitmq;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.targets.wire.PeerClient;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Queues or streams as topics, one for each partition. Owned by the thread that sets a run up. */
final class RabbitAdmin implements TopicAdmin {
    private static final int QUEUE_DECLARE = AmqpLink.method(50, 10);
    private static final int QUEUE_DELETE = AmqpLink.method(50, 40);
    private static final byte PASSIVE = 1;
    private static final byte DURABLE = 2;

    private final RabbitCluster cluster;
    private final Spool spool;
    private final AmqpLink link;

    RabbitAdmin(final RabbitCluster cluster, final Spool spool) {
        this.cluster = cluster;
        this.spool = spool;
        link = AmqpLink.connect(cluster.addresses());
    }

    @Override
    public List<InetSocketAddress> brokers() {
        return cluster.addresses();
    }

    @Override
    public boolean hasReplicas() {
        return cluster.addresses().size() > 1;
    }

    @Override
    public int partitionCount(final String topic) {
        int count = 0;
        while (messageCount(PeerClient.streamName(topic, count)) >= 0) {
            count++;
        }
        return count;
    }

    @Override
    public void create(
        final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
        if (!configs.isEmpty()) {
            throw new TargetRefusedException("topic: configs=" + configs.keySet() + " are nothing this tool sets on a "
                + "queue of RabbitMQ; leave them out", null);
        }
        final int replicas = hasReplicas() ? replicationFactor : 1;
        final Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("x-queue-type", cluster.kind().queueType());
        arguments.put(cluster.kind().replicasArgument(), replicas);
        arguments.put("x-queue-leader-locator", cluster.kind().leaderLocator());
        for (int p = 0; p < partitions; p++) {
            final ByteBuffer out = link.begin(AmqpLink.CHANNEL, QUEUE_DECLARE).putShort((short) 0);
            AmqpLink.shortText(out, PeerClient.streamName(topic, p));
            AmqpLink.table(out.put(DURABLE), arguments);
            try {
                link.call(out, QUEUE_DECLARE);
            } catch (final AmqpLink.ClosedException ex) {
                link.openChannel();
                throw new TargetRefusedException(ex.getMessage(), ex);
            }
        }
    }

    @Override
    public Map<String, String> configs(final String topic) {
        return Map.of();
    }

    @Override
    public void delete(final String topic) {
        for (int p = 0; messageCount(PeerClient.streamName(topic, p)) >= 0; p++) {
            final ByteBuffer out = link.begin(AmqpLink.CHANNEL, QUEUE_DELETE).putShort((short) 0);
            AmqpLink.shortText(out, PeerClient.streamName(topic, p));
            link.call(out.put((byte) 0), QUEUE_DELETE);
        }
    }

    /** Of a queue what waits and what consumers have taken; a stream counts what it holds. */
    @Override
    public long[] endOffsets(final String topic, final int partitions) {
        final long[] ends = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            final String name = PeerClient.streamName(topic, p);
            final long taken = spool.count(name); // first: what moves meanwhile is not to be counted twice
            final long count = messageCount(name);
            if (count < 0) {
                throw new TargetRefusedException("rabbitmq: there is no queue " + name, null);
            }
            ends[p] = taken + count;
        }
        return ends;
    }

    /** Of a queue the servers' own tool is asked: no client can see who leads it. */
    @Override
    public ClusterNodes nodes(final String topic) {
        final Map<Integer, InetSocketAddress> addresses = new TreeMap<>();
        for (int i = 0; i < cluster.addresses().size(); i++) {
            addresses.put(i + 1, cluster.addresses().get(i));
        }
        final String name = PeerClient.streamName(topic, 0);
        if (cluster.kind() == QueueKind.STREAM) {
            final StreamTopology.Place place = StreamTopology.place(cluster.streams(), name);
            final List<Integer> ids = new ArrayList<>();
            place.replicas().forEach(replica -> ids.add(cluster.streams().indexOf(replica) + 1));
            return new ClusterNodes(addresses, -1,
                place.leader() == null ? -1 : cluster.streams().indexOf(place.leader()) + 1, ids);
        }
        final String list = cluster.control().ask("list_queues", "--no-table-headers", "name", "leader", "members");
        int leader = -1;
        final List<Integer> replicas = new ArrayList<>();
        for (final String line : list.lines().toList()) {
            final String[] fields = line.split("\t");
            if (fields.length == 3 && fields[0].equals(name)) {
                leader = cluster.nodeId(fields[1]);
                for (final String member : fields[2].replaceAll("[\\[\\]' ]", "").split(",")) {
                    replicas.add(cluster.nodeId(member));
                }
            }
        }
        return new ClusterNodes(addresses, -1, leader, replicas);
    }

    @Override
    public void close() {
        link.close();
    }

    /** {@return messages that wait in a queue, or are in a stream; -1 if there is none of that name} */
    private long messageCount(final String name) {
        final ByteBuffer out = link.begin(AmqpLink.CHANNEL, QUEUE_DECLARE).putShort((short) 0);
        AmqpLink.shortText(out, name);
        AmqpLink.table(out.put(PASSIVE), Map.of());
        try {
            final AmqpLink.Reply reply = link.call(out, QUEUE_DECLARE);
            final int index = reply.index() + 1 + (reply.in().get(reply.index()) & 0xFF);
            return reply.in().getInt(index) & 0xFFFFFFFFL;
        } catch (final AmqpLink.ClosedException ex) {
            link.openChannel();
            if (ex.code() == AmqpLink.ClosedException.NOT_FOUND) {
                return -1;
            }
            throw new TargetRefusedException(ex.getMessage(), ex);
        }
    }
}
