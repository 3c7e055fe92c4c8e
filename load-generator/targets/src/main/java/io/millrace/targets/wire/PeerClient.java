package io.millrace.targets.wire;

import io.millrace.load.driver.ConsumerSession;
import java.util.List;
import java.util.stream.IntStream;

/** The client of one system: opens connections. Used by the thread that sets a run up; calls block within a bound. */
public interface PeerClient {
    /** {@return what a record is sent with, for the result} */
    String description();

    /**
     * Connects a publisher.
     *
     * @param topics     records go to
     * @param partitions of each
     * @return the connection
     */
    PublishProtocol publisher(List<String> topics, int partitions);

    /**
     * Connects a consumer.
     *
     * @param topics       it reads
     * @param partitions   of each
     * @param lanes        partitions it reads, by their place among all partitions of all topics
     * @param startOffsets of each of them: records before it, from 0
     * @return the consumer
     */
    ConsumerSession consumer(List<String> topics, int partitions, int[] lanes, long[] startOffsets);

    /**
     * {@return name of the stream that holds one partition}
     *
     * @param topic     of the partition
     * @param partition from 0
     */
    static String streamName(final String topic, final int partition) {
        return topic + "-" + partition;
    }

    /**
     * {@return names of the streams of all partitions of all topics}
     *
     * @param topics     in order
     * @param partitions of each
     */
    static String[] streamNames(final List<String> topics, final int partitions) {
        final String[] names = new String[topics.size() * partitions];
        for (int i = 0; i < names.length; i++) {
            names[i] = streamName(topics.get(i / partitions), i % partitions);
        }
        return names;
    }

    /**
     * {@return names of the streams of some partitions}
     *
     * @param topics     in order
     * @param partitions of each
     * @param lanes      whose names; a lane is a place among all partitions of all topics
     */
    static String[] streamNames(final List<String> topics, final int partitions, final int[] lanes) {
        final String[] all = streamNames(topics, partitions);
        return IntStream.of(lanes).mapToObj(lane -> all[lane]).toArray(String[]::new);
    }
}
