package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchCodecTest {
    private static final int ROUNDS = 300;
    private final FetchRequestCursor cursor = new FetchRequestCursor();

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})
    void shouldReadWhatKafkaWroteWhenRequestsAreRandom(final int version) {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            final FetchRequestData expected = request(random, version);
            final byte[] bytes = Fuzz.encode(expected, version);
            final int before = random.nextInt(20);
            check(version, expected, Fuzz.surrounded(bytes, before), before, bytes.length, "seed=" + seed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 11, 12, 13, 18})
    void shouldRefuseWithOurExceptionWhenCutOffAtAnyByte(final int version) {
        final long seed = Fuzz.newSeed();
        final byte[] bytes = Fuzz.encode(request(Fuzz.random(seed), version), version);
        final UnsafeBuffer buffer = Fuzz.surrounded(bytes, 7);
        for (int length = 0; length < bytes.length; length++) {
            final int cut = length;
            assertThrows(MalformedRequestException.class, () -> cursor.wrap(version, buffer, 7, cut),
                "seed=" + seed + ", length=" + length);
        }
        assertDoesNotThrow(() -> cursor.wrap(version, buffer, 7, bytes.length + 1), "Kafka ignores what comes after");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 7, 11, 12, 13, 18})
    void shouldThrowNothingButOurExceptionWhenAnyBytesAreChanged(final int version) {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        final byte[] bytes = Fuzz.encode(request(random, version), version);
        for (int at = 0; at < bytes.length; at++) {
            for (final byte value : new byte[]{0, -1, 127, -128, (byte) random.nextInt()}) {
                final byte[] changed = bytes.clone();
                changed[at] = value;
                walk(version, changed, seed);
            }
        }
        for (int round = 0; round < 20_000; round++) {
            walk(version, Fuzz.bytes(random, random.nextInt(200)), seed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})
    void shouldWriteWhatKafkaReadsWhenResponsesAreRandom(final int version) throws IOException {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        final byte[] file = Fuzz.bytes(random, 20_000);
        for (int round = 0; round < ROUNDS; round++) {
            final FetchResponseData expected = new FetchResponseData();
            final List<byte[]> records = new ArrayList<>();
            final ArrayReplyTarget target = new ArrayReplyTarget();
            final int end = write(random, version, expected, records, target, file);
            final ByteBuffer sent = target.body(end);
            final ByteBufferAccessor body = new ByteBufferAccessor(sent.duplicate());
            if (version >= ApiTable.FETCH_FLEXIBLE) {
                assertEquals(0, body.readByte(), "tagged fields of the header");
            }
            final FetchResponseData actual = new FetchResponseData(body, (short) version);
            assertEquals(0, body.remaining(), "seed=" + seed);
            compare(expected, records, actual, seed);
            if (version < ApiTable.FETCH_FLEXIBLE) {
                walkResponse(version, expected, records, sent, seed);
            }
        }
    }

    private static void compare(
        final FetchResponseData expected, final List<byte[]> records, final FetchResponseData actual, final long seed) {
        int at = 0;
        for (final var topic : actual.responses()) {
            for (final var partition : topic.partitions()) {
                final ByteBuffer buffer = ((MemoryRecords) partition.records()).buffer().duplicate();
                final byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                assertArrayEquals(records.get(at++), bytes, "seed=" + seed);
                partition.setRecords(null);
            }
        }
        assertEquals(records.size(), at, "seed=" + seed);
        assertEquals(expected, actual, "seed=" + seed);
    }

    private static void walkResponse(
        final int version,
        final FetchResponseData expected,
        final List<byte[]> records,
        final ByteBuffer sent,
        final long seed) {
        final UnsafeBuffer buffer = new UnsafeBuffer(sent);
        final FetchResponseCursor response =
            new FetchResponseCursor().wrap(version, buffer, 0, buffer.capacity());
        assertEquals(expected.errorCode(), response.topErrorCode());
        int at = 0;
        for (final var topic : expected.responses()) {
            for (final var partition : topic.partitions()) {
                assertTrue(response.next(), "seed=" + seed);
                assertEquals(partition.partitionIndex(), response.partitionId());
                assertEquals(partition.errorCode(), response.errorCode());
                assertEquals(partition.highWatermark(), response.highWatermark());
                final byte[] bytes = new byte[response.recordsLength()];
                buffer.getBytes(response.recordsIndex(), bytes);
                assertArrayEquals(records.get(at++), bytes, "seed=" + seed);
            }
        }
        assertFalse(response.next(), "seed=" + seed);
    }

    private static int write(
        final RandomGenerator random,
        final int version,
        final FetchResponseData expected,
        final List<byte[]> records,
        final ArrayReplyTarget target,
        final byte[] file) {
        final ArrayLogFile logFile = new ArrayLogFile(file);
        final short topError = version >= 7 ? (short) random.nextInt() : 0;
        expected.setErrorCode(topError).setSessionId(0);
        final int topicCount = random.nextInt(4);
        final FetchResponseEncoder encoder =
            new FetchResponseEncoder().begin(target, version, topError, topicCount);
        for (int t = topicCount; t > 0; t--) {
            final var topic = new FetchResponseData.FetchableTopicResponse();
            final byte[] key;
            if (version >= ApiTable.FETCH_TOPIC_IDS) {
                topic.setTopicId(Fuzz.uuid(random));
                key = Fuzz.bytes(topic.topicId());
            } else {
                topic.setTopic(t + Fuzz.name(random));
                key = topic.topic().getBytes(StandardCharsets.UTF_8);
            }
            // more than 126 need a count of two bytes
            final int partitionCount = random.nextInt(20) == 0 ? random.nextInt(120, 140) : random.nextInt(4);
            encoder.topic(new UnsafeBuffer(key), 0, key.length, partitionCount);
            for (int p = partitionCount; p > 0; p--) {
                final int partition = random.nextInt();
                final short error = (short) random.nextInt();
                final long highWatermark = random.nextLong();
                final long logStart = random.nextLong();
                if (random.nextBoolean()) {
                    encoder.partition(partition, error, highWatermark, logStart);
                } else {
                    encoder.partition(partition, (short) 0, highWatermark, logStart);
                    encoder.partitionError(error); // as when the log turns out to be damaged
                }
                final var data = new FetchResponseData.PartitionData();
                addTags(random, version, encoder, data);
                topic.partitions().add(data
                    .setPartitionIndex(partition).setErrorCode(error).setHighWatermark(highWatermark)
                    .setLastStableOffset(highWatermark).setLogStartOffset(version >= 5 ? logStart : -1)
                    .setAbortedTransactions(List.of()).setPreferredReadReplica(-1).setRecords(null));
                final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                for (int b = random.nextInt(4); b > 0; b--) {
                    final int from = random.nextInt(file.length - 9_000);
                    final int length = random.nextInt(10) == 0 ? random.nextInt(1, 9_000) : random.nextInt(1, 200);
                    encoder.batch(logFile, from, length);
                    bytes.write(file, from, length);
                }
                records.add(bytes.toByteArray());
            }
            expected.responses().add(topic);
        }
        final List<NodeEndpoint> endpoints = Fuzz.endpoints(random);
        if (version >= 16) {
            endpoints.forEach(e -> expected.nodeEndpoints().add(new FetchResponseData.NodeEndpoint()
                .setNodeId(e.nodeId()).setHost(e.host()).setPort(e.port())));
        }
        return encoder.end(endpoints);
    }

    private static void addTags(
        final RandomGenerator random,
        final int version,
        final FetchResponseEncoder encoder,
        final FetchResponseData.PartitionData data) {
        if (random.nextBoolean()) {
            final int epoch = random.nextInt(1_000_000);
            final long endOffset = random.nextLong();
            encoder.divergingEpoch(epoch, endOffset);
            if (version >= 12) {
                data.divergingEpoch().setEpoch(epoch).setEndOffset(endOffset);
            }
        }
        if (random.nextBoolean()) {
            final int leaderId = random.nextInt(-1, 5);
            final int epoch = random.nextInt(1_000_000);
            encoder.currentLeader(leaderId, epoch);
            if (version >= 12) {
                data.currentLeader().setLeaderId(leaderId).setLeaderEpoch(epoch);
            }
        }
    }

    private void walk(final int version, final byte[] bytes, final long seed) {
        final UnsafeBuffer buffer = Fuzz.surrounded(bytes, 3);
        try {
            cursor.wrap(version, buffer, 3, bytes.length);
            int count = 0;
            while (cursor.next()) {
                count++;
                assertTrue(cursor.topicIndex() + cursor.topicLength() <= 3 + bytes.length, "seed=" + seed);
            }
            assertEquals(cursor.partitionCount(), count, "seed=" + seed);
        } catch (final MalformedRequestException e) {
            assertTrue(e.getMessage().length() > 10);
        }
    }

    private void check(
        final int version,
        final FetchRequestData expected,
        final UnsafeBuffer buffer,
        final int index,
        final int length,
        final String seed) {
        cursor.wrap(version, buffer, index, length);
        assertEquals(version >= 15 ? expected.replicaState().replicaId() : expected.replicaId(),
            cursor.replicaId(), seed);
        assertEquals(version >= ApiTable.FETCH_TOPIC_IDS, cursor.hasTopicIds(), seed);
        assertEquals(expected.topics().stream().filter(t -> !t.partitions().isEmpty()).count(),
            cursor.topicCount(), seed);
        assertEquals(expected.maxWaitMs(), cursor.maxWaitMs(), seed);
        assertEquals(expected.minBytes(), cursor.minLength(), seed);
        assertEquals(expected.maxBytes(), cursor.maxLength(), seed);
        assertEquals(expected.isolationLevel(), cursor.isolationLevel(), seed);
        assertEquals(expected.sessionId(), cursor.sessionId(), seed);
        assertEquals(expected.sessionEpoch(), cursor.sessionEpoch(), seed);
        for (final var topic : expected.topics()) {
            boolean first = true;
            for (final var partition : topic.partitions()) {
                assertTrue(cursor.next(), seed);
                assertEquals(first, cursor.isNewTopic(), seed);
                first = false;
                assertEquals(topic.partitions().size(), cursor.topicPartitionCount(), seed);
                if (cursor.hasTopicIds()) {
                    assertEquals(topic.topicId(), new Uuid(cursor.topicIdMost(), cursor.topicIdLeast()), seed);
                    assertEquals(16, cursor.topicLength());
                } else {
                    assertEquals(topic.topic(),
                        buffer.getStringWithoutLengthUtf8(cursor.topicIndex(), cursor.topicLength()), seed);
                }
                assertEquals(partition.lastFetchedEpoch(), cursor.lastFetchedEpoch(), seed);
                assertEquals(partition.partition(), cursor.partitionId(), seed);
                assertEquals(partition.currentLeaderEpoch(), cursor.currentLeaderEpoch(), seed);
                assertEquals(partition.fetchOffset(), cursor.fetchOffset(), seed);
                assertEquals(partition.partitionMaxBytes(), cursor.partitionMaxLength(), seed);
            }
        }
        assertFalse(cursor.next(), seed);
    }

    private static FetchRequestData request(final RandomGenerator random, final int version) {
        final FetchRequestData data = new FetchRequestData()
            .setReplicaId(version < 15 ? random.nextInt(-1, 4) : -1)
            .setMaxWaitMs(random.nextInt()).setMinBytes(random.nextInt())
            .setMaxBytes(random.nextInt()).setIsolationLevel((byte) random.nextInt(2));
        if (version >= 7) {
            data.setSessionId(random.nextInt()).setSessionEpoch(random.nextInt());
            for (int i = random.nextInt(3); i > 0; i--) {
                final var topic = new FetchRequestData.ForgottenTopic().setPartitions(List.of(1, 2, 3));
                data.forgottenTopicsData().add(version >= ApiTable.FETCH_TOPIC_IDS
                    ? topic.setTopicId(Fuzz.uuid(random)) : topic.setTopic(Fuzz.name(random)));
            }
        } else {
            data.setSessionEpoch(-1);
        }
        if (version >= 11) {
            data.setRackId(Fuzz.name(random));
        }
        if (version >= 12 && random.nextBoolean()) {
            data.setClusterId(Fuzz.name(random));
        }
        if (version >= 15 && random.nextBoolean()) {
            data.replicaState().setReplicaId(random.nextInt(-1, 4)).setReplicaEpoch(random.nextLong());
        }
        for (int t = random.nextInt(1, 4); t > 0; t--) {
            final var topic = new FetchRequestData.FetchTopic();
            if (version >= ApiTable.FETCH_TOPIC_IDS) {
                topic.setTopicId(Fuzz.uuid(random));
            } else {
                topic.setTopic(t + Fuzz.name(random));
            }
            for (int p = random.nextInt(4); p > 0; p--) {
                topic.partitions().add(new FetchRequestData.FetchPartition()
                    .setLastFetchedEpoch(version >= 12 ? random.nextInt() : -1)
                    .setReplicaDirectoryId(version >= 17 ? Fuzz.uuid(random) : Uuid.ZERO_UUID)
                    .setHighWatermark(version >= 18 ? random.nextLong() : Long.MAX_VALUE)
                    .setPartition(random.nextInt())
                    .setCurrentLeaderEpoch(version >= 9 ? random.nextInt() : -1)
                    .setFetchOffset(random.nextLong())
                    .setLogStartOffset(version >= 5 ? random.nextLong() : -1)
                    .setPartitionMaxBytes(random.nextInt()));
            }
            data.topics().add(topic);
        }
        return data;
    }
}
