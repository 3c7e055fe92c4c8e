package io.millrace.broker.shard;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.engine.LogPin;
import java.util.ArrayList;
import java.util.List;

/** Which topics keep a shard from giving its oldest segments back, by name. Stateless, any thread, cold. */
public final class TopicPins {
    private static final int MAX_COUNT = 3;

    private TopicPins() {
    }

    /**
     * One partition that something dead has to wait for.
     *
     * @param topic      its name
     * @param partition  its number
     * @param deadLength bytes of dead batches that stay because of it
     */
    public record Pin(String topic, int partition, long deadLength) {
    }

    /**
     * {@return the partitions that keep most in a shard, the oldest first; none when nothing dead is kept}
     *
     * @param shard open here
     * @param image names its partitions
     */
    public static List<Pin> of(final LocalShard shard, final MetadataImage image) {
        final List<Pin> named = new ArrayList<>();
        for (final LogPin pin : shard.log().pins(MAX_COUNT)) {
            name(named, shard.shardId(), pin, image);
        }
        return named;
    }

    private static void name(
        final List<Pin> named, final int shardId, final LogPin pin, final MetadataImage image) {
        for (final TopicInfo topic : image.topics()) {
            for (int i = 0; i < topic.partitionCount(); i++) {
                if (topic.shardId(i) == shardId && topic.partitionId(i) == pin.partitionId()) {
                    named.add(new Pin(topic.name(), i, pin.deadLength()));
                    return;
                }
            }
        }
    }

    /**
     * {@return the same for a log line, empty when there is nothing to say}
     *
     * @param shard open here
     * @param image names its partitions
     */
    public static String describe(final LocalShard shard, final MetadataImage image) {
        final StringBuilder text = new StringBuilder();
        for (final Pin pin : of(shard, image)) {
            text.append(text.length() == 0 ? "; dead records that cannot be given back before older live ones: " : ", ")
                .append(pin.deadLength()).append(" bytes wait for topic ").append(pin.topic()).append(" partition ")
                .append(pin.partition());
        }
        return text.toString();
    }
}
