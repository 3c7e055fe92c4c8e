package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What classic consumers say of themselves and are told, inside the bytes that the classic protocol does not look into:
 * Kafka's "embedded protocol" for the protocol type "consumer". Stateless.
 */
final class EmbeddedProtocol {
    static final String TYPE = "consumer";

    private static final int OWNED_VERSION = 1;
    private static final int GENERATION_VERSION = 2;
    private static final int RACK_VERSION = 3;
    private static final int MIN_TOPIC_LENGTH = 6;

    private EmbeddedProtocol() {
    }

    /**
     * What a member asks for.
     *
     * @param version of the layout, also to be used for what the member is told
     * @param topics  names, sorted, each once
     * @param owned   what it has, as far as the topics are known; empty where the version has no place for that, since
     *                members that do not tell have given back everything before they join
     * @param rackId  null where it does not say
     */
    record Subscription(int version, List<String> topics, Assignment owned, String rackId) {
    }

    /** {@return what a member said; throws {@link GroupFormatException}} */
    static Subscription subscription(final byte[] metadata, final TopicCatalog catalog) {
        final RecordReader in = new RecordReader(metadata);
        final int version = in.i16();
        final List<String> topics = names(in);
        in.nullableBytes();
        final Assignment owned = version >= OWNED_VERSION ? partitions(in, catalog) : new Assignment();
        if (version >= GENERATION_VERSION) {
            in.i32();
        }
        return new Subscription(version, topics.stream().sorted().distinct().toList(), owned,
            version >= RACK_VERSION ? in.string() : null);
    }

    /** {@return the names of the topics a member asks for; throws {@link GroupFormatException}} */
    static List<String> topics(final byte[] metadata) {
        final RecordReader in = new RecordReader(metadata);
        in.i16();
        return names(in);
    }

    private static List<String> names(final RecordReader in) {
        final List<String> topics = new ArrayList<>();
        for (int i = in.count(in.i32(), Short.BYTES); i > 0; i--) {
            topics.add(in.text());
        }
        return topics;
    }

    /**
     * {@return what a member was told; throws {@link GroupFormatException}, also when there is something in it that
     * only the member's own assignor understands}
     */
    static Assignment assignment(final byte[] told, final TopicCatalog catalog) {
        if (told.length == 0) {
            return new Assignment();
        }
        final RecordReader in = new RecordReader(told);
        in.i16();
        final Assignment result = partitions(in, catalog);
        final byte[] userData = in.nullableBytes();
        if (userData != null && userData.length > 0) {
            throw new GroupFormatException("assignment with user data of " + userData.length + " bytes");
        }
        return result;
    }

    private static Assignment partitions(final RecordReader in, final TopicCatalog catalog) {
        final Assignment result = new Assignment();
        for (int i = in.count(in.i32(), MIN_TOPIC_LENGTH); i > 0; i--) {
            final UUID topicId = catalog.topicId(in.text());
            for (int j = in.count(in.i32(), Integer.BYTES); j > 0; j--) {
                final int partition = in.i32();
                if (topicId != null) {
                    result.add(topicId, partition);
                }
            }
        }
        return result;
    }

    /** {@return what to tell a member} */
    static byte[] encode(final int version, final Assignment assignment, final TopicCatalog catalog) {
        final List<Map.Entry<UUID, TreeSet<Integer>>> topics = assignment.byTopic().entrySet().stream()
            .filter(topic -> catalog.topicName(topic.getKey()) != null).toList();
        final RecordWriter out = new RecordWriter().i16(version).i32(topics.size());
        for (final Map.Entry<UUID, TreeSet<Integer>> topic : topics) {
            out.string(catalog.topicName(topic.getKey())).i32(topic.getValue().size());
            topic.getValue().forEach(out::i32);
        }
        return out.i32(-1).toByteArray();
    }
}
