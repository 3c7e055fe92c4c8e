package io.millrace.targets.rabbitmq;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * A running cluster as clients see it.
 *
 * @param kind      of its queues
 * @param addresses of the nodes for AMQP, in the order of their ids, which begin with 1
 * @param streams   of the nodes for the stream protocol, likewise; not listened on for queues
 * @param control   asks what clients cannot
 * @param directory of the run
 */
record RabbitCluster(
    QueueKind kind,
    List<InetSocketAddress> addresses,
    List<InetSocketAddress> streams,
    RabbitControl control,
    Path directory) {

    static String nodeName(final int id) {
        return "bench" + id + "@localhost";
    }

    /** {@return the id of a node, -1 for a name that is none} */
    int nodeId(final String name) {
        return control.nodes().indexOf(name) < 0 ? -1 : control.nodes().indexOf(name) + 1;
    }
}
