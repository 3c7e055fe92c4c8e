package io.millrace.broker.node;

import io.millrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;

/** What tests of a node alone have in common: a port, a patient configuration, topics. Stateless but for the ports. */
final class SingleNode {
    /** Longer than a busy machine stops a thread: a node that fences itself refuses what it is asked meanwhile. */
    private static final int SESSION_TIMEOUT_MS = 60_000;
    private static final int FIRST_PORT = 18_000;
    private static final int PORT_COUNT = 2_000;
    private static final int PORTS_PER_PROCESS = 20;
    private static final long TOPICS_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(120);
    private static final AtomicInteger NEXT_PORT =
        new AtomicInteger((int) (ProcessHandle.current().pid() % (PORT_COUNT / PORTS_PER_PROCESS)) * PORTS_PER_PROCESS);

    private SingleNode() {
    }

    /** {@return a free port below those that the kernel hands out, so that no client takes it meanwhile} */
    static int freePort() {
        for (int i = 0; i < PORT_COUNT; i++) {
            final int port = FIRST_PORT + NEXT_PORT.getAndIncrement() % PORT_COUNT;
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (final IOException taken) {
                continue;
            }
        }
        throw new AssertionError("no free port from " + FIRST_PORT + " on");
    }

    /** {@return the configuration of node 1, to be added to} */
    static Properties properties(final int port, final Path logs) {
        final Properties properties = new Properties();
        properties.setProperty("node.id", "1");
        properties.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.setProperty("log.dirs", logs.toString());
        properties.setProperty("millrace.session.timeout.ms", Integer.toString(SESSION_TIMEOUT_MS));
        return properties;
    }

    static BrokerNode start(final Properties properties) throws NodeStartException {
        return BrokerNode.start(
            BrokerConfig.of(properties), new NodeLog(new PrintStream(OutputStream.nullOutputStream())));
    }

    /** Creates topics one by one; what a busy machine did not get done in its time is tried again. */
    static void createTopics(final Admin admin, final List<NewTopic> topics) throws Exception {
        final long deadlineNs = System.nanoTime() + TOPICS_TIMEOUT_NS;
        for (final NewTopic topic : topics) {
            boolean isThere = false;
            while (!isThere) {
                try {
                    admin.createTopics(List.of(topic)).all().get(60, TimeUnit.SECONDS);
                    isThere = true;
                } catch (final ExecutionException ex) {
                    isThere = ex.getCause() instanceof TopicExistsException;
                    if (!isThere && (!(ex.getCause() instanceof RetriableException)
                        || System.nanoTime() - deadlineNs > 0)) {
                        throw ex;
                    }
                }
            }
        }
    }

    static void createTopics(final int port, final NewTopic... topics) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port))) {
            createTopics(admin, List.of(topics));
        }
    }
}
