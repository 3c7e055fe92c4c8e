package io.millrace.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import io.millrace.transport.kafka.message.ClusterControl;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What each broker that answers knows of the cluster; nothing is known without all of them, for a shard's lags are
 * known where it is led and a controller's position at that controller. Owned by the calling thread.
 */
final class ClusterViews {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int MAX_BROKER_COUNT = 1000;
    private static final int MAX_PORT = 65_535;

    private final Map<Integer, JsonNode> byNode = new TreeMap<>();
    private final Map<Integer, InetSocketAddress> addresses = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();

    private ClusterViews() {
    }

    /** Asks the brokers named, and whichever these name. */
    static ClusterViews ask(final List<InetSocketAddress> bootstrap, final Duration timeout) {
        final ClusterViews views = new ClusterViews();
        final ArrayDeque<InetSocketAddress> open = new ArrayDeque<>(bootstrap);
        final Set<String> asked = new HashSet<>();
        while (!open.isEmpty() && asked.size() < MAX_BROKER_COUNT) {
            final InetSocketAddress address = open.poll();
            if (asked.add(address.getHostString() + ":" + address.getPort())) {
                views.ask(address, timeout, open);
            }
        }
        return views;
    }

    private void ask(
        final InetSocketAddress address, final Duration timeout, final ArrayDeque<InetSocketAddress> more) {
        try {
            final JsonNode view = MAPPER.readTree(ControlClient.ask(address,
                new ClusterControl.Request(ClusterControl.STATUS, -1, ClusterControl.ANY_BROKER, false), timeout)
                .text());
            final int nodeId = view.path("nodeId").asInt(-1);
            byNode.put(nodeId, view);
            addresses.put(nodeId, address);
            for (final JsonNode broker : view.path("brokers")) {
                more.add(InetSocketAddress.createUnresolved(
                    broker.path("host").asText(), broker.path("port").asInt()));
            }
        } catch (final IOException ex) {
            failures.add(address.getHostString() + ":" + address.getPort() + ": " + describe(ex));
        }
    }

    private static String describe(final IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    /** {@return host and port of each of a comma-separated list} */
    static List<InetSocketAddress> parse(final String servers) {
        final List<InetSocketAddress> addresses = new ArrayList<>();
        for (final String server : servers.split(",")) {
            final int colon = server.lastIndexOf(':');
            int port = -1;
            try {
                port = colon < 1 ? -1 : Integer.parseInt(server.substring(colon + 1).trim());
            } catch (final NumberFormatException notANumber) {
                port = -1;
            }
            if (port < 1 || port > MAX_PORT) {
                throw new UserError(ExitCodes.USAGE, "no address: --bootstrap-server " + server,
                    "Pass HOST:PORT, several separated by commas; ports go from 1 to " + MAX_PORT + ".");
            }
            addresses.add(InetSocketAddress.createUnresolved(server.substring(0, colon).trim(), port));
        }
        return addresses;
    }

    boolean isEmpty() {
        return byNode.isEmpty();
    }

    /** {@return who did not answer, and why} */
    List<String> failures() {
        return failures;
    }

    /** {@return a node's own view, null when it did not answer} */
    JsonNode of(final int nodeId) {
        return byNode.get(nodeId);
    }

    /** {@return where a node answered, null when it did not} */
    InetSocketAddress addressOf(final int nodeId) {
        return addresses.get(nodeId);
    }

    Iterable<JsonNode> all() {
        return byNode.values();
    }

    /** {@return the view of whoever has the newest metadata} */
    JsonNode newest() {
        return byNode.values().stream().max(Comparator.comparingLong(view -> view.path("version").asLong()))
            .orElseThrow();
    }
}
