package io.millrace.transport.kafka.message;

import java.util.List;

/** ElectLeaders, versions 0 to 2. */
public final class ElectLeaders {
    /** The first replica is to lead. */
    public static final byte PREFERRED = 0;
    /** Somebody is to lead, also one that may lack committed records. */
    public static final byte UNCLEAN = 1;

    /** What a client asks; topics is null for all of them. */
    public record Request(byte electionType, List<RequestTopic> topics, int timeoutMs) {
    }

    /** One topic. */
    public record RequestTopic(String name, List<Integer> partitionIds) {
    }

    /** The answer. */
    public record Response(short errorCode, List<ResponseTopic> topics) {
    }

    /** One topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition; the message is null without an error. */
    public record ResponsePartition(int partitionId, short errorCode, String errorMessage) {
    }

    private ElectLeaders() {
    }
}
