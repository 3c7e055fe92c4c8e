package io.millrace.load.target;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.TopicAdmin;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.NanoClock;

/** A system that was started for a run; owned by the thread that started it, but for what says otherwise. */
public interface RunningTarget extends AutoCloseable {
    /** Part of the promise that can be compared: what has a record when it is acknowledged with acks=all. */
    String WAITS_FOR = "waits_for";
    /** The same for acks=leader, where that is something else. */
    String WAITS_FOR_LEADER = "waits_for_leader";
    /** Part of the promise that can be compared: "yes" if that has synced it, "no", or "by profile". */
    String SYNCED = "synced";

    /** {@return where clients reach it, host:port with commas} */
    String bootstrap();

    /** {@return what it is, for the result: "local cluster of 3 brokers"} */
    String description();

    /** {@return in a sentence, what an acknowledgement promises: replicas, syncs, batching} */
    String durability();

    /**
     * {@return the same by parts, for a table: system, nodes, replicas, acks_leader, acks_all, sync, batching,
     * the parts named above, and every setting that is not the system's default}
     */
    default Map<String, String> promise() {
        return Map.of();
    }

    /** {@return its processes; empty to look for those that listen on its nodes' ports} */
    default List<Long> processIds() {
        return List.of();
    }

    /** {@return where it keeps its data, for the check of the free disk} */
    Path dataDir();

    /**
     * {@return the way to its topics and drivers; null if it speaks Kafka's protocol at {@link #bootstrap()}}
     *
     * @param clock of the acknowledgements
     */
    default Backend backend(final NanoClock clock) {
        return null;
    }

    /** {@return true if a node that was killed can be started again} */
    default boolean canStartNodes() {
        return false;
    }

    /** Starts the nodes that do not run, and returns when they serve. Fault thread. */
    default void startNodes() {
        throw new UnsupportedOperationException(description() + " cannot start a node again");
    }

    /**
     * {@return the node that leads the metadata, -1 if there is none to be seen}
     *
     * @param found what the protocol says of the nodes
     */
    default int controllerId(final TopicAdmin.ClusterNodes found) {
        return found.controllerId();
    }

    /**
     * {@return ports through which other nodes reach a node, "udp 20092-20111" or "tcp 9192"; empty if the network to a
     * node cannot be cut}
     *
     * @param kafkaPort by which the node is known
     */
    default List<String> peerPorts(final int kafkaPort) {
        return List.of();
    }

    /**
     * Copies what its processes printed.
     *
     * @param logsDir takes the files
     */
    default void copyLogs(final Path logsDir) {
    }

    /** Stops it; removes its data if the directory was its own. */
    @Override
    void close();
}
