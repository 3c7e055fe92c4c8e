package io.millrace.system.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What does not get through between nodes: rules at the receivers. Owned by the main thread. */
final class NetworkFault implements Fault {
    private static final long PROOF_TIMEOUT_S = 120;

    private final Networks networks;
    private final List<ChaosNode> all;
    private final List<ChaosNode> victims;
    private final FaultPlan plan;

    NetworkFault(final ChaosCluster cluster, final FaultPlan plan, final List<ChaosNode> victims) {
        networks = cluster.networks();
        all = cluster.nodes();
        this.victims = victims;
        this.plan = plan;
    }

    @Override
    public List<ChaosNode> victims() {
        return victims;
    }

    @Override
    public void inject() throws IOException {
        if (plan.kind() == FaultKind.LOSS) {
            for (final ChaosNode victim : victims) {
                networks.lose(victim.id(), plan.percent());
            }
            return;
        }
        final ChaosNode victim = victims.get(0);
        final List<ChaosNode> others = all.stream().filter(node -> node != victim).toList();
        final List<String> addresses = new ArrayList<>(others.stream().map(ChaosNode::host).toList());
        switch (plan.variant().split("-")[0]) {
            case "deaf" -> networks.drop(victim.id(), addresses);
            case "mute" -> dropAtOthers(victim, others);
            case "ring" -> { // each side of the broken link still hears a majority
                networks.drop(victim.id(), List.of(others.get(0).host()));
                networks.drop(others.get(0).id(), List.of(victim.host()));
            }
            case "cut" -> { // from the clients, too
                addresses.add(networks.clientAddress());
                networks.drop(victim.id(), addresses);
                dropAtOthers(victim, others);
            }
            default -> {
                networks.drop(victim.id(), addresses);
                dropAtOthers(victim, others);
            }
        }
    }

    private void dropAtOthers(final ChaosNode victim, final List<ChaosNode> others) throws IOException {
        for (final ChaosNode other : others) {
            networks.drop(other.id(), List.of(victim.host()));
        }
    }

    private Map<Integer, Long> dropped() throws IOException {
        final Map<Integer, Long> dropped = new TreeMap<>();
        for (final ChaosNode node : all) {
            final long count = networks.droppedCount(node.id());
            if (count > 0) {
                dropped.put(node.id(), count);
            }
        }
        return dropped;
    }

    @Override
    public String prove() throws IOException, Wait.TooLateException {
        Wait.until(PROOF_TIMEOUT_S, () -> "dropped packets", () -> !dropped().isEmpty());
        return "packets dropped at nodes " + dropped().keySet();
    }

    @Override
    public String heal() throws IOException {
        final String seen = "packets dropped, by node: " + dropped();
        for (final ChaosNode node : all) {
            networks.heal(node.id());
        }
        return seen;
    }
}
