package io.millrace.system.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;

/** Finds the nodes that a plan means. Owned by the main thread. */
final class Faults {
    private static final long METADATA_TIMEOUT_S = 120;
    private static final long LEADER_TIMEOUT_S = 60;

    private Faults() {
    }

    static Fault of(final FaultPlan plan, final ChaosCluster cluster)
        throws IOException, Wait.TooLateException {
        return switch (plan.kind()) {
            case KILL -> new ProcessFaults.Kill(List.of(victim(plan, cluster)));
            case KILL_ALL -> new ProcessFaults.Kill(cluster.nodes());
            case STOP -> new ProcessFaults.Stop(victim(plan, cluster));
            case PAUSE -> new ProcessFaults.Pause(victim(plan, cluster));
            case PARTITION -> new NetworkFault(cluster, plan, List.of(victim(plan, cluster)));
            case LOSS -> new NetworkFault(cluster, plan,
                "all".equals(plan.variant()) ? cluster.nodes() : List.of(victim(plan, cluster)));
            case DISK_FULL -> new DiskFaults.Full(cluster.nodeById(cluster.smallDiskNode()));
            case IO_ERROR -> {
                final ChaosNode victim = victim(plan, cluster);
                yield new DiskFaults.WriteError(victim, cluster.shim(victim.id()), plan.pick());
            }
        };
    }

    private static ChaosNode victim(final FaultPlan plan, final ChaosCluster cluster)
        throws IOException, Wait.TooLateException {
        if (plan.variant().endsWith("metadata-leader")) {
            final AtomicReference<ChaosNode> found = new AtomicReference<>(); // it may be gone at a second look
            Wait.until(METADATA_TIMEOUT_S, () -> "a node that says it leads the metadata quorum", () -> {
                found.set(cluster.metadataLeader());
                return found.get() != null;
            });
            return found.get();
        }
        if (plan.variant().endsWith("leader")) {
            final List<Integer> leaders = new ArrayList<>();
            Wait.until(LEADER_TIMEOUT_S, () -> "a leader", () -> {
                leaders.addAll(leaders(cluster.view()));
                return !leaders.isEmpty();
            });
            return cluster.nodeById(leaders.get(plan.pick() % leaders.size()));
        }
        if (plan.variant().endsWith("follower")) {
            final Map<Integer, Integer> led = new HashMap<>();
            cluster.view().partitions().forEach(partition -> led.merge(partition.leader(), 1, Integer::sum));
            return cluster.nodes().stream().min(Comparator.comparing(node -> led.getOrDefault(node.id(), 0)))
                .orElseThrow();
        }
        return cluster.nodes().get(plan.pick() % cluster.nodes().size());
    }

    static Set<Integer> leaders(final ClusterView view) {
        final Set<Integer> leaders = new TreeSet<>();
        view.partitions().forEach(partition -> {
            if (partition.leader() > 0) {
                leaders.add(partition.leader());
            }
        });
        return leaders;
    }
}
