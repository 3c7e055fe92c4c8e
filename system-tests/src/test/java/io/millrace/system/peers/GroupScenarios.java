package io.millrace.system.peers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Consumer groups: members come and go, a broker dies. */
final class GroupScenarios {
    private static final int ROUND_COUNT = 60;
    private static final int LATE_COUNT = 6;
    private static final int SENT_AROUND_RESTART = 20;

    private final PeerClients clients;

    /** Asks for a restart of a broker; the latch falls once it is back. */
    @FunctionalInterface
    interface Restart {
        CountDownLatch ask();
    }

    GroupScenarios(final PeerClients clients) {
        this.clients = clients;
    }

    private GroupMember member(final String topic, final String protocol, final List<String> seen) {
        final Map<String, Object> settings = new HashMap<>();
        settings.put("group.id", topic + "-" + protocol + "-group");
        settings.put("metadata.max.age.ms", 5000);
        if ("consumer".equals(protocol)) {
            settings.put("group.protocol", protocol);
        } else {
            settings.put("heartbeat.interval.ms", 300);
            settings.put("session.timeout.ms", 10_000);
        }
        return new GroupMember(clients, topic, settings, seen);
    }

    void shared(final String topic, final String protocol) throws Exception {
        final List<String> seen = new ArrayList<>();
        final GroupMember one = member(topic, protocol, seen);
        GroupMember.awaitOwners(one);
        sendAndAwait(topic, protocol, 0, seen);
        final GroupMember two = member(topic, protocol, seen);
        GroupMember.awaitOwners(one, two);
        sendAndAwait(topic, protocol, 1, seen);
        one.stop();
        GroupMember.awaitOwners(two);
        sendAndAwait(topic, protocol, 2, seen);
        two.stop();
        final List<String> later = new ArrayList<>();
        send(topic, protocol + "-late-", 0, LATE_COUNT);
        final GroupMember three = member(topic, protocol, later);
        PeerClients.awaitUntil(() -> "late records, was " + copyOf(later), () -> copyOf(later).size() >= LATE_COUNT);
        three.stop();
        PeerClients.requireEqual(IntStream.range(0, LATE_COUNT).mapToObj(i -> protocol + "-late-" + i).toList(),
            copyOf(later).stream().filter(value -> value.startsWith(protocol)).sorted().toList(),
            "what a later member reads");
    }

    private void send(final String topic, final String prefix, final int first, final int count) throws Exception {
        clients.sendAll(IntStream.range(first, first + count).mapToObj(
            i -> new ProducerRecord<>(topic, i % 3, (byte[]) null, RecordScenarios.bytes(prefix + i))).toList(),
            Map.of());
    }

    private void sendAndAwait(final String topic, final String protocol, final int round, final List<String> seen)
        throws Exception {
        final String prefix = protocol + "-value-";
        send(topic, prefix, round * ROUND_COUNT, ROUND_COUNT);
        final Set<String> wanted = new HashSet<>();
        IntStream.range(0, (round + 1) * ROUND_COUNT).forEach(i -> wanted.add(prefix + i));
        awaitAll(wanted, seen);
    }

    private static void awaitAll(final Set<String> wanted, final List<String> seen) {
        final Set<String> missing = new HashSet<>(wanted);
        PeerClients.awaitUntil(() -> wanted.size() + " values, missing " + missing, () -> {
            missing.removeAll(new HashSet<>(copyOf(seen)));
            return missing.isEmpty();
        });
    }

    private static List<String> copyOf(final List<String> list) {
        synchronized (list) {
            return List.copyOf(list);
        }
    }

    void restart(final String topic, final Restart restart) throws Exception {
        final List<String> seen = new ArrayList<>();
        final GroupMember member = member(topic, "classic", seen);
        final Set<String> acknowledged = new HashSet<>();
        try (KafkaProducer<byte[], byte[]> producer = clients.producer(Map.of())) {
            int number = 0;
            while (number < SENT_AROUND_RESTART) {
                sendNext(producer, topic, number++, acknowledged);
            }
            final CountDownLatch done = restart.ask();
            while (!done.await(20, TimeUnit.MILLISECONDS)) {
                sendNext(producer, topic, number++, acknowledged);
            }
            for (int i = 0; i < SENT_AROUND_RESTART; i++) {
                sendNext(producer, topic, number++, acknowledged);
            }
        }
        awaitAll(Collections.unmodifiableSet(acknowledged), seen);
        member.stop();
        if (acknowledged.size() < 2 * SENT_AROUND_RESTART) {
            throw new AssertionError("only " + acknowledged.size() + " records were acknowledged");
        }
    }

    private static void sendNext(final KafkaProducer<byte[], byte[]> producer, final String topic, final int number,
        final Set<String> acknowledged) throws Exception {
        final String value = "value-" + number;
        try {
            producer.send(new ProducerRecord<>(topic, RecordScenarios.bytes(value)))
                .get(PeerClients.DEADLINE_S, TimeUnit.SECONDS);
            acknowledged.add(value);
        } catch (final ExecutionException ex) {
            System.err.println("send: " + ex);
        }
    }
}
