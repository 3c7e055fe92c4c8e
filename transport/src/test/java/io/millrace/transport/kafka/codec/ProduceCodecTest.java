package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProduceCodecTest {
    private static final int ROUNDS = 300;
    private final ProduceRequestCursor cursor = new ProduceRequestCursor();

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
    void shouldReadWhatKafkaWroteWhenRequestsAreRandom(final int version) {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            final ProduceRequestData expected = request(random, version);
            final byte[] bytes = Fuzz.encode(expected, version);
            final int before = random.nextInt(20);
            final UnsafeBuffer buffer = Fuzz.surrounded(bytes, before);
            assertEquals(expected, read(version, buffer, before, bytes.length), "seed=" + seed);
            assertFalse(cursor.next(), "seed=" + seed);
            assertTrue(cursor.partitionCount() == 0 || cursor.rewind().next(), "seed=" + seed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 9, 13})
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
    @ValueSource(ints = {3, 8, 9, 13})
    void shouldThrowNothingButOurExceptionWhenAnyBytesAreChanged(final int version) {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        final byte[] bytes = Fuzz.encode(request(random, version), version);
        for (int at = 0; at < bytes.length; at++) {
            for (final byte value : new byte[]{0, -1, 127, -128, (byte) random.nextInt()}) {
                final byte[] changed = bytes.clone();
                changed[at] = value;
                walk(version, Fuzz.surrounded(changed, 3), bytes.length, seed);
            }
        }
        for (int round = 0; round < 20_000; round++) {
            final byte[] noise = Fuzz.bytes(random, random.nextInt(200));
            walk(version, Fuzz.surrounded(noise, 3), noise.length, seed);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})
    void shouldWriteWhatKafkaReadsWhenResponsesAreRandom(final int version) throws IOException {
        final long seed = Fuzz.newSeed();
        final RandomGenerator random = Fuzz.random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            final ProduceResponseData expected = new ProduceResponseData();
            final ArrayReplyTarget target = new ArrayReplyTarget();
            final int end = write(random, version, expected, target);
            final ByteBufferAccessor body = new ByteBufferAccessor(target.body(end));
            if (version >= ApiTable.PRODUCE_FLEXIBLE) {
                assertEquals(0, body.readByte(), "tagged fields of the header");
            }
            final ProduceResponseData actual = new ProduceResponseData(body, (short) version);
            assertEquals(expected, actual, "seed=" + seed);
            assertEquals(0, body.remaining(), "seed=" + seed);
            assertEquals(Fuzz.encode(expected, version).length,
                end - ReplyTarget.BODY_INDEX - (version < ApiTable.PRODUCE_FLEXIBLE ? 0 : 1),
                "nothing that Kafka leaves out, seed=" + seed);
            if (version < ApiTable.PRODUCE_FLEXIBLE) {
                walkResponse(version, expected, seed);
            }
        }
    }

    private void walkResponse(final int version, final ProduceResponseData data, final long seed) {
        data.responses().forEach(topic -> topic.partitionResponses().forEach(p -> {
            if (version >= 8) {
                p.setErrorMessage("why").recordErrors().add(
                    new ProduceResponseData.BatchIndexAndErrorMessage()
                        .setBatchIndex(4).setBatchIndexErrorMessage("x"));
            }
        }));
        final byte[] bytes = Fuzz.encode(data, version);
        final ProduceResponseCursor response =
            new ProduceResponseCursor().wrap(version, Fuzz.surrounded(bytes, 5), 5, bytes.length);
        data.responses().forEach(topic -> topic.partitionResponses().forEach(p -> {
            assertTrue(response.next(), "seed=" + seed);
            assertEquals(p.index(), response.partitionId());
            assertEquals(p.errorCode(), response.errorCode());
            assertEquals(p.baseOffset(), response.baseOffset());
            assertEquals(p.logStartOffset(), response.logStartOffset());
        }));
        assertFalse(response.next(), "seed=" + seed);
    }

    private static int write(
        final RandomGenerator random,
        final int version,
        final ProduceResponseData expected,
        final ArrayReplyTarget target) {
        final int topicCount = random.nextInt(4);
        final ProduceResponseEncoder encoder = new ProduceResponseEncoder().begin(target, version, topicCount);
        final List<Runnable> patches = new ArrayList<>();
        for (int t = topicCount; t > 0; t--) {
            final var topic = new ProduceResponseData.TopicProduceResponse();
            final byte[] key;
            if (version >= ApiTable.PRODUCE_TOPIC_IDS) {
                topic.setTopicId(Fuzz.uuid(random));
                key = Fuzz.bytes(topic.topicId());
            } else {
                topic.setName(t + Fuzz.name(random));
                key = topic.name().getBytes(StandardCharsets.UTF_8);
            }
            final int partitionCount = random.nextInt(20) == 0 ? random.nextInt(120, 140) : random.nextInt(4);
            encoder.topic(new UnsafeBuffer(key), 0, key.length, partitionCount);
            for (int p = partitionCount; p > 0; p--) {
                final short error = (short) random.nextInt();
                final long baseOffset = random.nextLong();
                final long logStart = random.nextLong();
                final int partition = random.nextInt();
                final int entry = encoder.partition(partition);
                patches.add(() ->
                    ProduceResponseEncoder.patch(target.buffer(), version, entry, error, baseOffset, logStart));
                final var data = new ProduceResponseData.PartitionProduceResponse();
                if (random.nextBoolean()) {
                    final int leaderId = random.nextInt(-1, 5);
                    final int epoch = random.nextInt();
                    patches.add(() ->
                        ProduceResponseEncoder.patchLeader(target.buffer(), version, entry, leaderId, epoch));
                    if (version >= 10) {
                        data.currentLeader().setLeaderId(leaderId).setLeaderEpoch(epoch);
                    }
                }
                topic.partitionResponses().add(data
                    .setIndex(partition).setErrorCode(error).setBaseOffset(baseOffset)
                    .setLogStartOffset(version >= 5 ? logStart : -1L));
            }
            expected.responses().add(topic);
        }
        final int end = encoder.end();
        java.util.Collections.reverse(patches);
        patches.forEach(Runnable::run);
        final List<NodeEndpoint> endpoints = Fuzz.endpoints(random);
        if (version >= 10) {
            endpoints.forEach(e -> expected.nodeEndpoints().add(new ProduceResponseData.NodeEndpoint()
                .setNodeId(e.nodeId()).setHost(e.host()).setPort(e.port())));
        }
        return ProduceResponseEncoder.finish(target, version, end, endpoints);
    }

    private void walk(final int version, final UnsafeBuffer buffer, final int length, final long seed) {
        try {
            cursor.wrap(version, buffer, 3, length);
            while (cursor.next()) {
                final int end = cursor.recordsIndex() + Math.max(cursor.recordsLength(), 0);
                assertTrue(cursor.recordsIndex() >= 3 && end <= 3 + length, "seed=" + seed);
            }
        } catch (final MalformedRequestException e) {
            assertTrue(e.getMessage().length() > 10);
        }
    }

    private ProduceRequestData read(final int version, final UnsafeBuffer buffer, final int index, final int length) {
        cursor.wrap(version, buffer, index, length);
        final ProduceRequestData data =
            new ProduceRequestData().setAcks(cursor.acks()).setTimeoutMs(cursor.timeoutMs());
        data.setTransactionalId(cursor.transactionalIdLength() < 0 ? null : utf8(buffer,
            cursor.transactionalIdIndex(), cursor.transactionalIdLength()));
        ProduceRequestData.TopicProduceData topic = null;
        while (cursor.next()) {
            if (cursor.isNewTopic()) {
                topic = new ProduceRequestData.TopicProduceData();
                if (cursor.hasTopicIds()) {
                    topic.setTopicId(new Uuid(cursor.topicIdMost(), cursor.topicIdLeast()));
                } else {
                    topic.setName(utf8(buffer, cursor.topicIndex(), cursor.topicLength()));
                }
                data.topicData().add(topic);
            }
            MemoryRecords records = null;
            if (cursor.recordsLength() >= 0) {
                final byte[] bytes = new byte[cursor.recordsLength()];
                buffer.getBytes(cursor.recordsIndex(), bytes);
                records = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes));
            }
            topic.partitionData().add(new ProduceRequestData.PartitionProduceData()
                .setIndex(cursor.partitionId()).setRecords(records));
        }
        return data;
    }

    private static String utf8(final UnsafeBuffer buffer, final int index, final int length) {
        return buffer.getStringWithoutLengthUtf8(index, length);
    }

    private static ProduceRequestData request(final RandomGenerator random, final int version) {
        final ProduceRequestData data = new ProduceRequestData()
            .setAcks((short) random.nextInt(-1, 2))
            .setTimeoutMs(random.nextInt())
            .setTransactionalId(random.nextBoolean() ? null : Fuzz.name(random));
        for (int t = random.nextInt(1, 4); t > 0; t--) {
            final var topic = new ProduceRequestData.TopicProduceData();
            if (version >= ApiTable.PRODUCE_TOPIC_IDS) {
                topic.setTopicId(Fuzz.uuid(random));
            } else {
                topic.setName(t + Fuzz.name(random));
            }
            for (int p = random.nextInt(1, 4); p > 0; p--) {
                topic.partitionData().add(new ProduceRequestData.PartitionProduceData()
                    .setIndex(random.nextInt())
                    .setRecords(random.nextInt(5) == 0 ? null :
                        MemoryRecords.readableRecords(ByteBuffer.wrap(Fuzz.bytes(random, random.nextInt(100))))));
            }
            data.topicData().add(topic);
        }
        return data;
    }
}
