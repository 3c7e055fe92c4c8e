package io.millrace.transport.kafka.message;

import java.util.List;

/** DescribeLogDirs, versions 1 to 5. */
public final class DescribeLogDirs {
    /** What a client asks; topics is null for all of them. */
    public record Request(List<RequestTopic> topics) {
    }

    /** One topic. */
    public record RequestTopic(String name, List<Integer> partitionIds) {
    }

    /** The answer. */
    public record Response(short errorCode, List<Directory> directories) {
    }

    /** One directory; lengths of -1 are not known. */
    public record Directory(short errorCode, String path, List<Topic> topics, long totalLength, long usableLength) {
    }

    /** One topic. */
    public record Topic(String name, List<Partition> partitions) {
    }

    /** One partition; the length is of its batches, the lag counts offsets that this replica lacks. */
    public record Partition(int partitionId, long length, long offsetLag) {
    }

    private DescribeLogDirs() {
    }
}
