package io.millrace.system.chaos;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a cluster to be broken is made of.
 *
 * @param directory     of its nodes, new
 * @param launcher      the command that runs Millrace
 * @param hasNetwork    whether each node gets a network namespace, else all stand on the loopback interface
 * @param smallDiskNode whose data stands on a small disk of its own, 0 for none
 * @param shim          library preloaded into every broker, or null
 * @param overrides     properties of every broker
 */
record ClusterSetup(Path directory, Path launcher, boolean hasNetwork, int smallDiskNode, Path shim,
    Map<String, String> overrides) {
}
