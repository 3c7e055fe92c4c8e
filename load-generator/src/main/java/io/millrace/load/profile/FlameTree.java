package io.millrace.load.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Stacks added up: how much of a whole went through which calls. Owned by one thread. */
final class FlameTree {
    private static final int MAX_DEPTH = 400;

    private final Node root = new Node("all");
    private long sampleCount;

    /** One call, below its caller. */
    static final class Node {
        private final String name;
        private final Map<String, Node> children = new TreeMap<>();
        private long weight;
        private long own;

        private Node(final String name) {
            this.name = name;
        }

        /** {@return what is called} */
        String name() {
            return name;
        }

        /** {@return of it and everything it calls} */
        long weight() {
            return weight;
        }

        /** {@return of it alone} */
        long own() {
            return own;
        }

        /** {@return what it calls, by name} */
        List<Node> children() {
            return List.copyOf(children.values());
        }
    }

    /**
     * A call wherever it was found.
     *
     * @param name  of it
     * @param own   of it alone
     * @param total of it and everything it calls, recursion counted once
     */
    record Call(String name, long own, long total) {
    }

    /**
     * Adds one sample.
     *
     * @param stack  the outermost call first; too deep ones are cut at the inner end
     * @param weight of it, above 0
     */
    void add(final List<String> stack, final long weight) {
        sampleCount++;
        Node node = root;
        node.weight += weight;
        for (int i = 0; i < Math.min(stack.size(), MAX_DEPTH); i++) {
            node = node.children.computeIfAbsent(stack.get(i), Node::new);
            node.weight += weight;
        }
        node.own += weight;
    }

    /** {@return everything} */
    Node root() {
        return root;
    }

    /** {@return how many samples were added} */
    long sampleCount() {
        return sampleCount;
    }

    /**
     * {@return the calls that took most themselves, most first}
     *
     * @param limit how many at most
     */
    List<Call> heaviest(final int limit) {
        final Map<String, long[]> figures = new HashMap<>();
        root.children.values().forEach(child -> collect(child, new HashMap<>(), figures));
        final List<Call> calls = new ArrayList<>();
        figures.forEach((name, both) -> calls.add(new Call(name, both[0], both[1])));
        calls.sort(Comparator.comparingLong(Call::own).reversed().thenComparing(Call::name));
        return calls.stream().filter(call -> call.own() > 0).limit(limit).toList();
    }

    private static void collect(
        final Node node, final Map<String, Integer> above, final Map<String, long[]> figures) {
        final long[] both = figures.computeIfAbsent(node.name, n -> new long[2]);
        both[0] += node.own;
        if (above.merge(node.name, 1, Integer::sum) == 1) {
            both[1] += node.weight;
        }
        node.children.values().forEach(child -> collect(child, above, figures));
        above.merge(node.name, -1, Integer::sum);
    }
}
