package io.millrace.cli.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code cluster.json} holds. Read and written only under the cluster's lock, except by {@code status}, which
 * reads a whole file because it is always replaced, never changed in place.
 */
final class ClusterState {
    private static final String SCHEMA = "millrace/cluster/v1";
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final int basePort;
    private final int nodeCount;
    private final Map<String, String> overrides;
    private final Map<Integer, Node> nodes = new TreeMap<>();

    /** The keeper of one broker; pid 0 when it was stopped. */
    record Node(long pid, String identity) {
        boolean isRunning() {
            return ProcessIdentity.isRunning(pid, identity);
        }
    }

    /** A count of 0 is that of a file from before there was a choice. */
    private record Content(
        String schema, int basePort, int nodeCount, Map<String, String> overrides, Map<Integer, Node> nodes) {
    }

    ClusterState(final int basePort, final int nodeCount, final Map<String, String> overrides) {
        this.basePort = basePort;
        this.nodeCount = nodeCount;
        this.overrides = new TreeMap<>(overrides);
    }

    /** {@return the stored state, or null when there is none; another cluster's directory is refused} */
    static ClusterState load(final ClusterLayout layout) throws IOException {
        final Path file = layout.stateFile();
        if (!Files.exists(file)) {
            return null;
        }
        final Content content;
        try {
            content = MAPPER.readValue(file.toFile(), Content.class);
        } catch (final com.fasterxml.jackson.core.JacksonException ex) {
            throw new UserError("unreadable: " + file + " (" + ex.getOriginalMessage() + ")",
                "If no broker of this cluster runs, remove that file and run 'millrace cluster start' again.");
        }
        if (!SCHEMA.equals(content.schema())) {
            throw new UserError("unknown format: schema=" + content.schema() + " in " + file + ", expected " + SCHEMA,
                "Use the Millrace version that wrote it, or another directory with --data.");
        }
        if (content.basePort() != layout.basePort()) {
            throw new UserError("the directory belongs to another cluster: " + layout.directory()
                + " has base-port=" + content.basePort() + ", asked for base-port=" + layout.basePort(),
                "Pass --base-port " + content.basePort() + ", or another directory with --data.");
        }
        final ClusterState state = new ClusterState(content.basePort(),
            content.nodeCount() == 0 ? ClusterLayout.NODE_COUNT : content.nodeCount(), content.overrides());
        state.nodes.putAll(content.nodes());
        return state;
    }

    void store(final ClusterLayout layout) throws IOException {
        final Path temporary = layout.directory().resolve("cluster.json.tmp");
        Files.write(temporary, MAPPER.writeValueAsBytes(
            new Content(SCHEMA, basePort, nodeCount, overrides, nodes)));
        Files.move(temporary, layout.stateFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    int nodeCount() {
        return nodeCount;
    }

    Map<String, String> overrides() {
        return overrides;
    }

    Node node(final int nodeId) {
        return nodes.getOrDefault(nodeId, new Node(0, ""));
    }

    void node(final int nodeId, final Node node) {
        nodes.put(nodeId, node);
    }
}
