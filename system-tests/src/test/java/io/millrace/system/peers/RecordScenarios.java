package io.millrace.system.peers;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;

/** Records in and out, without groups. */
final class RecordScenarios {
    static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final int LARGE_LENGTH = 900 * 1024;

    private final PeerClients clients;

    RecordScenarios(final PeerClients clients) {
        this.clients = clients;
    }

    void basic(final String topic) throws Exception {
        final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            final ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, bytes("key-" + i % 10), bytes("value-" + i));
            record.headers().add("number", bytes("" + i));
            records.add(record);
        }
        final List<RecordMetadata> answers = clients.sendAll(records, Map.of());
        for (int partition = 0; partition < 3; partition++) {
            final int wanted = partition;
            final List<Long> offsets = answers.stream().filter(answer -> answer.partition() == wanted)
                .map(RecordMetadata::offset).sorted().toList();
            PeerClients.requireEqual(LongStream.range(0, offsets.size()).boxed().toList(), offsets,
                "offsets of partition " + partition);
        }
        PeerClients.requireEqual(
            records.stream().map(r -> shape(r.key(), r.value(), r.headers())).sorted().toList(),
            clients.read(topic, 100, 0, 1, 2).stream()
                .map(r -> shape(r.key(), r.value(), r.headers())).sorted().toList(),
            "what came back");
    }

    void codec(final String topic, final String codec) throws Exception {
        final int partition = CODECS.indexOf(codec);
        final List<String> values =
            IntStream.range(0, 50).mapToObj(i -> "value-" + i + "-" + "abc".repeat(300)).toList();
        clients.sendAll(values.stream()
            .map(value -> new ProducerRecord<>(topic, partition, (byte[]) null, bytes(value))).toList(),
            Map.of("compression.type", codec, "linger.ms", 50));
        PeerClients.requireEqual(values, values(clients.read(topic, 50, partition)), "what came back");
    }

    void large(final String topic) throws Exception {
        final Random random = new Random(1);
        final List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            final byte[] value = new byte[LARGE_LENGTH];
            random.nextBytes(value);
            records.add(new ProducerRecord<>(topic, 0, null, value));
        }
        clients.sendAll(records, Map.of());
        final List<ConsumerRecord<byte[], byte[]>> read = clients.read(topic, 3, 0);
        for (int i = 0; i < 3; i++) {
            PeerClients.requireEqual(true, Arrays.equals(records.get(i).value(), read.get(i).value()),
                "whether record " + i + " came back the same");
        }
    }

    void positions(final String topic) throws Exception {
        final long startMs = System.currentTimeMillis() - 100_000;
        clients.sendAll(IntStream.range(0, 10).mapToObj(
            i -> new ProducerRecord<>(topic, 0, startMs + 1000 * i, (byte[]) null, bytes("value-" + i))).toList(),
            Map.of("linger.ms", 50));
        final TopicPartition place = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> reader = clients.reader(topic, 0)) {
            final OffsetAndTimestamp found = reader.offsetsForTimes(Map.of(place, startMs + 4500)).get(place);
            PeerClients.requireEqual(List.of(5L, startMs + 5000), List.of(found.offset(), found.timestamp()),
                "the first record from 4.5 s on");
            PeerClients.requireEqual(null, reader.offsetsForTimes(Map.of(place, startMs + 9001)).get(place),
                "a time after the last record");
            PeerClients.requireEqual(Map.of(place, 0L), reader.beginningOffsets(List.of(place)), "beginning");
            PeerClients.requireEqual(Map.of(place, 10L), reader.endOffsets(List.of(place)), "end");
            reader.seek(place, 7);
            PeerClients.requireEqual(List.of(7L, 8L, 9L),
                PeerClients.pollUntil(reader, 3).stream().map(ConsumerRecord::offset).toList(), "after a seek");
            reader.seek(place, 2);
            reader.pause(Collections.singleton(place));
            PeerClients.requireEqual(0, reader.poll(Duration.ofMillis(500)).count(), "while paused");
            reader.resume(Collections.singleton(place));
            PeerClients.requireEqual(8, PeerClients.pollUntil(reader, 8).size(), "once resumed");
        }
    }

    private static String shape(final byte[] key, final byte[] value, final Headers headers) {
        return text(key) + " " + text(value) + " " + text(headers.lastHeader("number").value());
    }

    static byte[] bytes(final String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(final byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static List<String> values(final List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream().map(record -> text(record.value())).toList();
    }
}
