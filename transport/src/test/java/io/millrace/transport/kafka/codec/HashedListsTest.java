package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.ElectLeadersRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.junit.jupiter.api.Test;

/**
 * Lists that are hash tables in Kafka's classes. Hostile requests are written by their schemas: the classes themselves
 * would take minutes to hold what is refused here.
 */
class HashedListsTest {
    private static final int HOSTILE_COUNT = 3_000;
    private static final int HONEST_COUNT = 20_000;
    /** Any; all hostile names fall into this slot. */
    private static final int SLOT = 7;

    private static ByteBuffer offsetDelete(final List<String> names) {
        final Schema schema = OffsetDeleteRequestData.SCHEMAS[0];
        final Struct request = new Struct(schema).set("group_id", "g");
        request.set("topics", names.stream().map(name -> request.instance("topics").set("name", name)
            .set("partitions", new Object[0])).toArray());
        final ByteBuffer body = ByteBuffer.allocate(request.sizeOf());
        request.writeTo(body);
        return body.flip();
    }

    private static List<String> equalNames(final int count) {
        return IntStream.range(0, count).mapToObj(i -> "t").toList();
    }

    /** All of one hash. */
    private static List<String> collidingNames(final int count) {
        return IntStream.range(0, count).mapToObj(i -> {
            final StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 16; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            return name.toString();
        }).toList();
    }

    /** Of different hashes that all fall into one slot of the largest table that fewer do not fill. */
    private static List<String> slottedNames(final int count) {
        int capacity = 2 * Math.min(count, 1000) + 1;
        while (2 * capacity + 1 < 2 * count) {
            capacity = 2 * capacity + 1;
        }
        final List<String> names = new ArrayList<>();
        for (int i = 0; names.size() < count; i++) {
            final String name = "n" + i;
            if ((name.hashCode() & Integer.MAX_VALUE) % capacity == SLOT) {
                names.add(name);
            }
        }
        return names;
    }

    private static void decodeOffsetDelete(final List<String> names) {
        final ByteBuffer body = offsetDelete(names);
        assertEquals(names.size(), GroupCodec.decodeOffsetDelete(0, new UnsafeBuffer(body), 0, body.remaining())
            .topics().size());
    }

    @Test
    void shouldRefuseNamesThatWouldKeepTheDecoderForMinutes() {
        for (final Function<Integer, List<String>> names
            : List.<Function<Integer, List<String>>>of(HashedListsTest::equalNames, HashedListsTest::collidingNames,
                HashedListsTest::slottedNames)) {
            final List<String> hostile = names.apply(HOSTILE_COUNT);
            assertThrows(MalformedRequestException.class, () -> decodeOffsetDelete(hostile), hostile.get(1));
            decodeOffsetDelete(names.apply(100)); // costs little, and is answered as by Kafka
        }
    }

    @Test
    void shouldRefuseManyListsThatTogetherTakeLong() {
        final CreateTopicsRequestData request = new CreateTopicsRequestData();
        for (int i = 0; i < 250; i++) {
            final CreateTopicsRequestData.CreatableTopic topic =
                new CreateTopicsRequestData.CreatableTopic().setName("t" + i);
            for (int j = 0; j < 150; j++) {
                topic.configs().add(
                    new CreateTopicsRequestData.CreatableTopicConfig().setName("retention.ms").setValue(""));
            }
            request.topics().add(topic);
        }
        assertThrows(MalformedRequestException.class, () -> decodedLength(request, 2));
        while (request.topics().size() > 10) {
            request.topics().remove(request.topics().iterator().next());
        }
        assertEquals(10, decodedLength(request, 2));
    }

    private static int decodedLength(final ApiMessage request, final int version) {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(request, (short) version).buffer();
        final UnsafeBuffer buffer = new UnsafeBuffer(body);
        return switch (request.apiKey()) {
            case ApiTable.CREATE_TOPICS -> TopicCodec.decodeCreateTopics(version, buffer, 0, body.remaining())
                .topics().size();
            case ApiTable.ELECT_LEADERS -> TopicCodec.decodeElectLeaders(version, buffer, 0, body.remaining())
                .topics().size();
            default -> ConfigCodec.decodeIncrementalAlterConfigs(version, buffer, 0, body.remaining())
                .resources().get(0).changes().size();
        };
    }

    @Test
    void shouldTakeNamesThatEndInRunningNumbersHoweverMany() {
        for (final int count : new int[] {300, 477, 480, 484, 940, 950, 960, 984, 1000, 1440, 1441, 2402, 2882, 5760,
            12_000, 14_830, 14_893, 15_000}) {
            for (final String pattern : List.of("topic-%04d", "topic-%d", "topic-%05d", "t-%03d-eu")) {
                decodeOffsetDelete(IntStream.range(0, count).mapToObj(i -> pattern.formatted(i)).toList());
            }
        }
    }

    @Test
    void shouldTakeManyDifferentNames() {
        decodeOffsetDelete(IntStream.range(0, HONEST_COUNT).mapToObj(i -> "user-events-" + i).toList());
        final CreateTopicsRequestData creation = new CreateTopicsRequestData();
        final ElectLeadersRequestData election = new ElectLeadersRequestData();
        election.setTopicPartitions(new ElectLeadersRequestData.TopicPartitionsCollection());
        final IncrementalAlterConfigsRequestData change = new IncrementalAlterConfigsRequestData();
        final IncrementalAlterConfigsRequestData.AlterConfigsResource resource =
            new IncrementalAlterConfigsRequestData.AlterConfigsResource().setResourceName("t");
        for (int i = 0; i < HONEST_COUNT; i++) {
            creation.topics().add(new CreateTopicsRequestData.CreatableTopic().setName("topic." + i));
            election.topicPartitions().add(new ElectLeadersRequestData.TopicPartitions().setTopic("t" + i));
            resource.configs().add(
                new IncrementalAlterConfigsRequestData.AlterableConfig().setName("c" + i).setValue("v"));
        }
        change.resources().add(resource);
        for (int version = 2; version <= 7; version++) {
            assertEquals(HONEST_COUNT, decodedLength(creation, version));
        }
        assertEquals(HONEST_COUNT, decodedLength(election, 2));
        assertEquals(HONEST_COUNT, decodedLength(change, 1));
    }

    @Test
    void shouldRefuseAnswersThatWouldTakeLongToMake() {
        final List<Integer> consecutive = IntStream.range(0, 200_000).boxed().toList();
        assertEquals(400_002, HashedLists.room(consecutive, Integer::intValue));
        assertThrows(MalformedRequestException.class, () -> HashedLists.room(consecutive, number -> SLOT));
        assertTrue(HashedLists.room(consecutive.subList(0, 100), number -> SLOT) > 200);
        final HashedLists lists = new HashedLists();
        final List<Integer> some = consecutive.subList(0, 10_000);
        lists.roomFor(some, number -> SLOT);
        assertThrows(MalformedRequestException.class, () -> {
            for (int i = 0; i < 10; i++) {
                lists.roomFor(some, number -> SLOT);
            }
        }, "each takes little, all of one answer do not");
    }
}
