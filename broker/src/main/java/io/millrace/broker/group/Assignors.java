package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Shares out partitions among the members of a group. Stateless; the same input gives the same assignment. */
final class Assignors {
    static final String UNIFORM = "uniform";
    static final String RANGE = "range";
    static final Set<String> NAMES = Set.of(UNIFORM, RANGE);
    /** Lists of readers that are kept while a range is made; most groups have one. */
    private static final int MAX_READERS_COUNT = 64;

    private Assignors() {
    }

    /**
     * {@return what each member is to have}
     *
     * @param name          of the assignor
     * @param members       by id, with their present targets
     * @param subscriptions of the members
     */
    static Map<String, Assignment> assign(
        final String name, final Collection<ConsumerMember> members, final Subscriptions subscriptions) {
        final TreeMap<String, Assignment> result = new TreeMap<>();
        members.forEach(member -> result.put(member.id, new Assignment()));
        if (RANGE.equals(name)) {
            range(members, subscriptions, result);
        } else {
            new Uniform(members, subscriptions, result).assign();
        }
        return result;
    }

    /** Each topic in stretches of neighbours; static members in the order of their instances. */
    private static void range(final Collection<ConsumerMember> members, final Subscriptions subscriptions,
        final Map<String, Assignment> result) {
        final List<ConsumerMember> ordered = new ArrayList<>(members);
        ordered.sort((a, b) -> order(a).compareTo(order(b)));
        final Map<BitSet, List<ConsumerMember>> known = new HashMap<>();
        subscriptions.counts().forEach((topicId, count) -> {
            if (known.size() > MAX_READERS_COUNT) {
                known.clear();
            }
            final List<ConsumerMember> readers = known.computeIfAbsent(subscriptions.readers(topicId), some ->
                ordered.stream().filter(member -> some.get(subscriptions.of(member.id).index)).toList());
            int partition = 0;
            for (int i = 0; i < readers.size() && partition < count; i++) {
                final int share = count / readers.size() + (i < count % readers.size() ? 1 : 0);
                for (int end = partition + share; partition < end; partition++) {
                    result.get(readers.get(i).id).add(topicId, partition);
                }
            }
        });
    }

    private static String order(final ConsumerMember member) {
        return member.instanceId == null ? "1" + member.id : "0" + member.instanceId;
    }

    /**
     * As even as the subscriptions allow; whoever has a partition keeps it where that is even enough. Members that read
     * the same are looked at as one, so that a look takes no longer when there are many of them. Owned by its maker.
     */
    private static final class Uniform {
        private final Map<UUID, Integer> counts;
        private final Subscriptions subscriptions;
        /** Of each subscription, by its index. */
        private final List<TreeSet<Load>> peers = new ArrayList<>();
        private final List<Load> loads = new ArrayList<>();
        private final Map<UUID, BitSet> taken = new HashMap<>();

        Uniform(final Collection<ConsumerMember> members, final Subscriptions subscriptions,
            final Map<String, Assignment> result) {
            this.subscriptions = subscriptions;
            counts = subscriptions.counts();
            for (int i = 0; i < subscriptions.distinctCount(); i++) {
                peers.add(new TreeSet<>());
            }
            for (final ConsumerMember member : members) {
                final Subscriptions.Topics topics = subscriptions.of(member.id);
                final Load load = new Load(member.id, topics, peers.get(topics.index), result.get(member.id));
                member.target.forEach((topicId, partition) -> keep(load, topicId, partition));
                load.peers.add(load);
                loads.add(load);
            }
        }

        private void keep(final Load load, final UUID topicId, final int partition) {
            if (partition >= 0 && partition < counts.getOrDefault(topicId, 0) && load.topics.contains(topicId)) {
                final BitSet partitions = taken.computeIfAbsent(topicId, id -> new BitSet());
                if (!partitions.get(partition)) {
                    partitions.set(partition);
                    load.assignment.add(topicId, partition);
                    load.count++;
                }
            }
        }

        void assign() {
            counts.forEach((topicId, count) -> {
                final BitSet partitions = taken.getOrDefault(topicId, new BitSet());
                int partition = partitions.nextClearBit(0);
                final BitSet readers = partition < count ? subscriptions.readers(topicId) : null;
                for (; partition < count; partition = partitions.nextClearBit(partition + 1)) {
                    least(readers).add(topicId, partition);
                }
            });
            balance();
        }

        private Load least(final BitSet readers) {
            Load least = null;
            for (int i = readers.nextSetBit(0); i >= 0; i = readers.nextSetBit(i + 1)) {
                final Load first = peers.get(i).first();
                least = least == null || first.compareTo(least) < 0 ? first : least;
            }
            return least; // somebody reads each topic that is counted
        }

        /** Each move lessens the sum of the squares of the loads, so this ends. */
        private void balance() {
            boolean hasMoved = true;
            while (hasMoved) {
                hasMoved = false;
                // those who cannot give anything away now are asked again when all others were
                final TreeSet<Load> givers = new TreeSet<>(loads);
                while (!givers.isEmpty()) {
                    final Load from = givers.pollLast();
                    final Load to = receiver(from);
                    if (to != null) {
                        final boolean isGiver = givers.remove(to);
                        final UUID topicId = from.topicFor(to.topics);
                        to.add(topicId, from.removeLast(topicId));
                        givers.add(from);
                        if (isGiver) {
                            givers.add(to);
                        }
                        hasMoved = true;
                    }
                }
            }
        }

        /** {@return who has least of those that have less by two at least and read something that another one has} */
        private Load receiver(final Load from) {
            Load least = null;
            for (final TreeSet<Load> some : peers) {
                final Load first = some.first();
                if (from.count - first.count >= 2 && (least == null || first.compareTo(least) < 0)
                    && from.topicFor(first.topics) != null) {
                    least = first;
                }
            }
            return least;
        }
    }

    /** What one member has been given; sorted by how much that is. */
    private static final class Load implements Comparable<Load> {
        private final String memberId;
        private final Subscriptions.Topics topics;
        /** Those who read the same, itself among them. */
        private final TreeSet<Load> peers;
        private final Assignment assignment;
        private int count;

        Load(final String memberId, final Subscriptions.Topics topics, final TreeSet<Load> peers,
            final Assignment assignment) {
            this.memberId = memberId;
            this.topics = topics;
            this.peers = peers;
            this.assignment = assignment;
        }

        void add(final UUID topicId, final int partition) {
            peers.remove(this);
            assignment.add(topicId, partition);
            count++;
            peers.add(this);
        }

        int removeLast(final UUID topicId) {
            final int partition = assignment.byTopic().get(topicId).last();
            peers.remove(this);
            assignment.remove(topicId, partition);
            count--;
            peers.add(this);
            return partition;
        }

        /** {@return a topic of its own that others read, null for none} */
        UUID topicFor(final Subscriptions.Topics others) {
            for (final UUID topicId : assignment.byTopic().keySet()) {
                if (others.contains(topicId)) {
                    return topicId;
                }
            }
            return null;
        }

        @Override
        public int compareTo(final Load other) {
            final int order = Integer.compare(count, other.count);
            return order == 0 ? memberId.compareTo(other.memberId) : order;
        }

        @Override
        public boolean equals(final Object other) {
            return other instanceof Load load && memberId.equals(load.memberId);
        }

        @Override
        public int hashCode() {
            return memberId.hashCode();
        }
    }
}
