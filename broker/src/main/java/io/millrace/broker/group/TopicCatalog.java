package io.millrace.broker.group;

import java.util.Collection;
import java.util.UUID;

/** The topics there are now. */
public interface TopicCatalog {
    /**
     * {@return the id of a topic, null when there is none}
     *
     * @param name of the topic
     */
    UUID topicId(String name);

    /**
     * {@return the name of a topic, null when there is none}
     *
     * @param topicId its id
     */
    String topicName(UUID topicId);

    /**
     * {@return how many partitions, 0 when there is no such topic}
     *
     * @param topicId its id
     */
    int partitionCount(UUID topicId);

    /** {@return a number that grows with each change of the topics} */
    long version();

    /** {@return the names of all topics but internal ones} */
    Collection<String> topicNames();
}
