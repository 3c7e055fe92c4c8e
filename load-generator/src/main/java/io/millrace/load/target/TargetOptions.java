package io.millrace.load.target;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where and how a system is started.
 *
 * @param dataDir   where it keeps its data; null for a new directory that is deleted at the end
 * @param basePort  first port; 0 for free ones
 * @param nodeCount nodes to start
 * @param settings  of the system, by its own keys
 */
public record TargetOptions(Path dataDir, int basePort, int nodeCount, Map<String, String> settings) {
}
