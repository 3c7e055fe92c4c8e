package io.millrace.cli.cluster;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which cluster: options that all of its commands share. */
final class ClusterOptions {
    @Option(names = "--base-port", paramLabel = "PORT", defaultValue = "" + ClusterLayout.DEFAULT_BASE_PORT,
        description = "Kafka port of the first broker; the others follow it. Replication takes UDP ports from "
            + "PORT+1000 on, the metadata quorum from PORT+2000 on, 20 per broker. Default: ${DEFAULT-VALUE}")
    private int basePort;

    @Option(names = "--data", paramLabel = "DIR",
        description = "Directory of the cluster: state, data and logs. Default: ~/.millrace/cluster-PORT")
    private Path data;

    /** {@return the layout of the cluster as it was started first; of the default when there is none yet} */
    ClusterLayout layout() throws IOException {
        final ClusterLayout layout = ClusterLayout.of(data, basePort);
        final ClusterState state = ClusterState.load(layout);
        return state == null ? layout : layout.withNodeCount(state.nodeCount());
    }

    /** {@return what to repeat on another cluster command to mean the same cluster} */
    String words() {
        return (basePort == ClusterLayout.DEFAULT_BASE_PORT ? "" : " --base-port " + basePort)
            + (data == null ? "" : " --data " + data);
    }
}
