package io.millrace.load.target;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Where and how a system is started.
 *
 * @param dataDir      where it keeps its data; null for a new directory that is deleted at the end
 * @param basePort     first port; 0 for free ones
 * @param nodeCount    nodes to start
 * @param settings     of the system, by its own keys
 * @param jvmOptions   what each of its JVMs is started with beside its own options
 * @param agentOptions the same for a JVM that measures nothing of itself
 * @param isStopped    true once the user wants it all to end: what starts then gives up, and ends what it has started;
 *                     any thread
 */
public record TargetOptions(
    Path dataDir,
    int basePort,
    int nodeCount,
    Map<String, String> settings,
    List<String> jvmOptions,
    List<String> agentOptions,
    BooleanSupplier isStopped) {

    /**
     * Options without any for its JVMs, for a start that nobody stops.
     *
     * @param dataDir   see above
     * @param basePort  see above
     * @param nodeCount see above
     * @param settings  see above
     */
    public TargetOptions(
        final Path dataDir, final int basePort, final int nodeCount, final Map<String, String> settings) {
        this(dataDir, basePort, nodeCount, settings, List.of(), List.of(), () -> false);
    }

    /** {@return all options for the JVM of a system of others} */
    public List<String> foreignJvmOptions() {
        final List<String> all = new ArrayList<>(agentOptions);
        all.addAll(jvmOptions);
        return all;
    }
}
