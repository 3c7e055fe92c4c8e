package io.millrace.cli.cluster;

import java.nio.file.Path;

/**
 * One broker as {@code status} shows it.
 *
 * @param nodeId          from 1
 * @param state           what it does
 * @param pid             of the process, 0 when it is down
 * @param listener        where Kafka clients reach it
 * @param replicationPort first of its UDP ports for replication
 * @param metadataPort    first of its UDP ports for the metadata quorum
 * @param data            directory of its log
 * @param log             file with its output
 */
public record NodeStatus(int nodeId, State state, long pid, String listener, int replicationPort, int metadataPort,
    Path data, Path log) {
    /** Whether a broker runs. */
    public enum State {
        /** The process runs and its Kafka port answers. */
        UP,
        /** The process runs, its Kafka port does not answer (yet). */
        STARTING,
        /** There is no such process. */
        DOWN
    }
}
