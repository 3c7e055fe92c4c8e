package io.millrace.system.chaos;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network namespace a node, joined by a bridge on which the clients are, too; and what does not get through. Rules
 * drop what arrives: a rule on what is sent would tell the sender. Owned by the main thread.
 */
final class Networks {
    private static final Pattern PACKETS = Pattern.compile("counter packets (\\d+)");
    private static final int SUBNET_COUNT = 200;
    private static final int HOST_OF_CLIENTS = 254;

    private final String name;
    private final String prefix;

    private Networks(final String name, final String prefix) {
        this.name = name;
        this.prefix = prefix;
    }

    /** {@return why there can be none, or null} */
    static String whyNot() {
        if (!Shell.isRoot()) {
            return "network namespaces need root";
        }
        if (!Shell.isThere("ip")) {
            return "ip is missing (apt-get install iproute2)";
        }
        return Shell.isThere("nft") ? null : "nft is missing (apt-get install nftables)";
    }

    static Networks create(final int nodeCount, final Leftovers leftovers) throws IOException {
        final String taken = Shell.run("ip", "-o", "addr");
        final int number =
            ExclusiveNumber.take("subnet", SUBNET_COUNT, one -> !taken.contains("10.213." + one + "."));
        final Networks networks = new Networks("mrc" + number, "10.213." + number + ".");
        leftovers.note(Leftovers.Kind.LINK, networks.name);
        Shell.run("ip", "link", "add", "name", networks.name, "type", "bridge");
        Shell.run("ip", "addr", "add", networks.prefix + HOST_OF_CLIENTS + "/24", "dev", networks.name);
        Shell.run("ip", "link", "set", "dev", networks.name, "up");
        for (int node = 1; node <= nodeCount; node++) {
            networks.add(node, leftovers);
        }
        return networks;
    }

    private void add(final int node, final Leftovers leftovers) throws IOException {
        final String space = namespace(node);
        final String inside = name + "i" + node;
        final String outside = name + "o" + node;
        leftovers.note(Leftovers.Kind.NAMESPACE, space);
        Shell.run("ip", "netns", "add", space);
        Shell.run("ip", "link", "add", "name", outside, "type", "veth", "peer", "name", inside, "netns", space);
        Shell.run("ip", "link", "set", "dev", outside, "master", name);
        Shell.run("ip", "link", "set", "dev", outside, "up");
        Shell.run("ip", "-n", space, "addr", "add", address(node) + "/24", "dev", inside);
        Shell.run("ip", "-n", space, "link", "set", "dev", inside, "up");
        Shell.run("ip", "-n", space, "link", "set", "dev", "lo", "up");
        heal(node);
    }

    String address(final int node) {
        return prefix + node;
    }

    String clientAddress() {
        return prefix + HOST_OF_CLIENTS;
    }

    String namespace(final int node) {
        return name + "n" + node;
    }

    /** The words before a command that make it run at a node. */
    List<String> at(final int node) {
        return List.of(Shell.find("ip").toString(), "netns", "exec", namespace(node));
    }

    /** A node hears these addresses no more. */
    void drop(final int node, final List<String> from) throws IOException {
        rule(node, "ip saddr { " + String.join(", ", from) + " } counter drop");
    }

    /** A node hears only a part of what is sent to it. */
    void lose(final int node, final int percent) throws IOException {
        rule(node, "iifname \"" + name + "i" + node + "\" numgen random mod 100 < " + percent + " counter drop");
    }

    private void rule(final int node, final String rule) throws IOException {
        nft(node, "add rule inet chaos in " + rule + "\n");
    }

    /** Everything gets through; counters begin at 0. */
    void heal(final int node) throws IOException {
        nft(node, "add table inet chaos\ndelete table inet chaos\ntable inet chaos {\n chain in {\n"
            + " type filter hook input priority 0; policy accept;\n }\n}\n");
    }

    private String nft(final int node, final String input) throws IOException {
        return Shell.run(List.of("ip", "netns", "exec", namespace(node), Shell.find("nft").toString(), "-f", "-"),
            input);
    }

    /** {@return packets that a node did not hear since it was healed last} */
    long droppedCount(final int node) throws IOException {
        final Matcher packets = PACKETS.matcher(
            Shell.run("ip", "netns", "exec", namespace(node),
            Shell.find("nft").toString(), "list", "table", "inet", "chaos"));
        long dropped = 0;
        while (packets.find()) {
            dropped += Long.parseLong(packets.group(1));
        }
        return dropped;
    }
}
