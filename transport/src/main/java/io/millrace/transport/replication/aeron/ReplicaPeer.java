package io.millrace.transport.replication.aeron;

import java.util.Objects;

/**
 * Where a broker of this cluster listens for replication.
 *
 * @param brokerId the broker
 * @param host     name or address
 * @param basePort first of its UDP ports; see {@link ReplicaPorts}
 */
public record ReplicaPeer(int brokerId, String host, int basePort) {
    /** Checks the values. */
    public ReplicaPeer {
        Objects.requireNonNull(host, "host");
        if (basePort < 1 || basePort > 65_535 - ReplicaPorts.PORTS_PER_BROKER) {
            throw new IllegalArgumentException("replication base port out of range: basePort=" + basePort
                + ", allowed 1 to " + (65_535 - ReplicaPorts.PORTS_PER_BROKER));
        }
    }
}
