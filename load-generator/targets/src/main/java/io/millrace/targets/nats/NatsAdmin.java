package io.millrace.targets.nats;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.targets.wire.PeerClient;
import io.millrace.targets.wire.Wire;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Streams as topics, through JetStream's requests, whose answers are JSON of which a few fields are looked at. Owned by
 * the thread that sets a run up.
 */
final class NatsAdmin implements TopicAdmin {
    static final long TIMEOUT_S = 20;
    private static final long RETRY_NS = 200_000_000L;
    private static final int NOT_FOUND = 404;
    private static final Pattern CODE = Pattern.compile("\"code\"\\s*:\\s*(\\d+)");
    private static final Pattern LAST_SEQUENCE = Pattern.compile("\"last_seq\"\\s*:\\s*(\\d+)");
    private static final Pattern CONSUMER_NAME = Pattern.compile("\"name\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern LEADER = Pattern.compile("\"leader\"\\s*:\\s*\"node-(\\d+)\"");
    private static final Pattern REPLICA = Pattern.compile("\"name\"\\s*:\\s*\"node-(\\d+)\"");
    private static final Pattern ERROR = Pattern.compile("\"error\"\\s*:\\s*\\{[^}]*}");

    private final NatsLink link;
    private final List<InetSocketAddress> addresses;
    private final long timeoutS;
    private int requests;

    /**
     * Connects.
     *
     * @param addresses of the servers; the first that answers is asked
     * @param timeoutS  of a request
     */
    NatsAdmin(final List<InetSocketAddress> addresses, final long timeoutS) {
        this.addresses = addresses;
        this.timeoutS = timeoutS;
        link = NatsLink.connect(addresses);
        link.subscribe(link.inbox() + ".a.*");
    }

    /**
     * {@return the code of an error, 0 if there is none}
     *
     * @param json an answer
     */
    static int errorCode(final String json) {
        final Matcher error = ERROR.matcher(json);
        if (!error.find()) {
            return 0;
        }
        final Matcher code = CODE.matcher(error.group());
        return code.find() ? Integer.parseInt(code.group(1)) : -1;
    }

    @Override
    public List<InetSocketAddress> brokers() {
        return addresses;
    }

    @Override
    public boolean hasReplicas() {
        return addresses.size() > 1;
    }

    @Override
    public int partitionCount(final String topic) {
        int count = 0;
        while (errorCode(request("STREAM.INFO." + PeerClient.streamName(topic, count), "", false)) == 0) {
            count++;
        }
        return count;
    }

    @Override
    public void create(
        final String topic, final int partitions, final int replicationFactor, final Map<String, String> configs) {
        if (!configs.isEmpty()) {
            throw new TargetRefusedException("topic: configs=" + configs.keySet() + " are nothing this tool sets on a "
                + "JetStream stream; leave them out", null);
        }
        for (int p = 0; p < partitions; p++) {
            final String name = PeerClient.streamName(topic, p);
            request("STREAM.CREATE." + name, "{\"name\":\"" + name + "\",\"subjects\":[\"" + name + "\"],"
                + "\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"old\",\"max_consumers\":-1,"
                + "\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,\"max_msg_size\":-1,\"num_replicas\":"
                + (hasReplicas() ? replicationFactor : 1) + "}", true);
        }
    }

    @Override
    public Map<String, String> configs(final String topic) {
        return Map.of();
    }

    @Override
    public void delete(final String topic) {
        for (int p = 0; errorCode(request("STREAM.DELETE." + PeerClient.streamName(topic, p), "", false)) == 0; p++) {
            continue;
        }
    }

    @Override
    public long[] endOffsets(final String topic, final int partitions) {
        final long[] ends = new long[partitions];
        for (int p = 0; p < partitions; p++) {
            final String info = request("STREAM.INFO." + PeerClient.streamName(topic, p), "", true);
            final Matcher last = LAST_SEQUENCE.matcher(info);
            if (!last.find()) {
                throw new TargetRefusedException("nats: no last_seq in " + info, null);
            }
            ends[p] = Long.parseLong(last.group(1));
        }
        return ends;
    }

    @Override
    public ClusterNodes nodes(final String topic) {
        final Map<Integer, InetSocketAddress> nodes = new TreeMap<>();
        for (int i = 0; i < addresses.size(); i++) {
            nodes.put(i + 1, addresses.get(i));
        }
        if (addresses.size() == 1) {
            return new ClusterNodes(nodes, -1, 1, List.of(1));
        }
        final String info = request("STREAM.INFO." + PeerClient.streamName(topic, 0), "", true);
        final Matcher leader = LEADER.matcher(info);
        final int leaderId = leader.find() ? Integer.parseInt(leader.group(1)) : -1;
        final List<Integer> replicas = new ArrayList<>(leaderId < 0 ? List.of() : List.of(leaderId));
        final Matcher replica = REPLICA.matcher(info);
        while (replica.find()) {
            replicas.add(Integer.valueOf(replica.group(1)));
        }
        return new ClusterNodes(nodes, -1, leaderId, replicas);
    }

    /** {@return name of a new consumer} */
    String createConsumer(final String stream, final String config) {
        final String answer = request("CONSUMER.CREATE." + stream, config, true);
        final Matcher name = CONSUMER_NAME.matcher(answer);
        if (!name.find()) {
            throw new TargetRefusedException("nats: no name in " + answer, null);
        }
        return name.group(1);
    }

    /** {@return true if JetStream answers, so that streams can be made} */
    boolean isReady() {
        return errorCode(request("INFO", "", false)) == 0;
    }

    @Override
    public void close() {
        link.close();
    }

    /**
     * Asks until there is an answer: a cluster that is about to elect says nothing, or that it is not there yet.
     *
     * @param isRequired true if an error is to be thrown; one that says that something is not there yet only after a
     *                   while
     */
    private String request(final String subject, final String body, final boolean isRequired) {
        final long deadline = Wire.deadline(timeoutS);
        try {
            while (true) {
                final String answer = ask("$JS.API." + subject, body, deadline);
                final int code = errorCode(answer);
                if (code == 0 || !isRequired && code == NOT_FOUND) {
                    return answer;
                }
                // a young cluster does not know all its servers yet
                final boolean isPassing = code < 0 || code >= 500 || answer.contains("suitable peers");
                if (System.nanoTime() - deadline > 0 || isRequired && !isPassing) {
                    if (isRequired) {
                        throw new TargetRefusedException("nats, " + subject + ": " + answer, null);
                    }
                    return answer;
                }
                LockSupport.parkNanos(RETRY_NS);
            }
        } catch (final Wire.WireException ex) {
            throw ex.toUnreachable();
        }
    }

    private String ask(final String subject, final String body, final long deadline) {
        final String reply = link.inbox() + ".a." + ++requests;
        link.publish(subject, reply, body);
        final String[] answer = new String[1];
        while (answer[0] == null) {
            link.wire().more(deadline);
            link.take(message -> {
                if (NatsLink.text(message.buffer(), message.subjectStart(), message.subjectEnd()).equals(reply)) {
                    answer[0] = message.headerIndex() >= 0 ? "{\"error\":{\"code\":503,\"status\":\"" + message.status()
                        + "\"}}" : message.body();
                }
            });
        }
        return answer[0];
    }
}
