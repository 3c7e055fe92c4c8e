package io.millrace.transport.kafka.message;

import java.util.List;

/** DeleteRecords, versions 0 to 2. */
public final class DeleteRecords {
    /** Deletes up to the high watermark. */
    public static final long TO_HIGH_WATERMARK = -1;

    /** What a client asks. */
    public record Request(List<RequestTopic> topics, int timeoutMs) {
    }

    /** One topic. */
    public record RequestTopic(String name, List<RequestPartition> partitions) {
    }

    /** One partition: everything below the offset goes. */
    public record RequestPartition(int partitionId, long offset) {
    }

    /** The answer. */
    public record Response(List<ResponseTopic> topics) {
    }

    /** One topic. */
    public record ResponseTopic(String name, List<ResponsePartition> partitions) {
    }

    /** One partition; the low watermark is its new log start, -1 with an error. */
    public record ResponsePartition(int partitionId, long lowWatermark, short errorCode) {
    }

    private DeleteRecords() {
    }
}
