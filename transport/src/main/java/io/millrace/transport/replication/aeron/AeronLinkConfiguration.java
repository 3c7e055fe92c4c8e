package io.millrace.transport.replication.aeron;

import java.nio.file.Path;
import java.util.List;

/**
 * What an {@link AeronReplicaLink} needs to know.
 *
 * @param self              this broker
 * @param peers             the other brokers
 * @param aeronDirectory    for the driver's files, best in shared memory; belongs to this broker alone and is deleted
 *                          at start and close
 * @param mtuLength         0 = from the interface
 * @param windowLength      0 = from the socket buffer
 * @param termLength        0 = from the shared memory
 * @param socketLengthLimit use no more of SO_RCVBUF than this, as if the kernel granted no more; 0 = no limit
 */
public record AeronLinkConfiguration(ReplicaPeer self, List<ReplicaPeer> peers, Path aeronDirectory, int mtuLength,
    int windowLength, int termLength, int socketLengthLimit) {
    /** Copies the list. */
    public AeronLinkConfiguration {
        peers = List.copyOf(peers);
    }
}
