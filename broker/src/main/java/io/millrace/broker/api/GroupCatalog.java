package io.millrace.broker.api;

import io.millrace.broker.group.TopicCatalog;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import java.util.Collection;
import java.util.UUID;

/** The topics of the newest image, as coordinators ask for them. Owned by the network thread. */
final class GroupCatalog implements TopicCatalog {
    private MetadataImage image = MetadataImage.EMPTY;
    private long version;

    void onImage(final MetadataImage newImage) {
        if (!newImage.hasSameTopics(image)) {
            version = newImage.version(); // most images tell of leaders and replicas only
        }
        image = newImage;
    }

    @Override
    public UUID topicId(final String name) {
        final TopicInfo topic = image.topic(name);
        return topic == null ? null : topic.id();
    }

    @Override
    public String topicName(final UUID topicId) {
        final TopicInfo topic = image.topic(topicId);
        return topic == null ? null : topic.name();
    }

    @Override
    public int partitionCount(final UUID topicId) {
        final TopicInfo topic = image.topic(topicId);
        return topic == null ? 0 : topic.partitionCount();
    }

    @Override
    public long version() {
        return version;
    }

    @Override
    public Collection<String> topicNames() {
        return image.topics().stream().filter(topic -> !topic.isInternal()).map(TopicInfo::name).toList();
    }
}
