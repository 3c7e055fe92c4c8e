package io.millrace.broker.group;

import java.util.ArrayList;
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

    private Assignors() {
    }

    /**
     * {@return what each member is to have}
     *
     * @param name       of the assignor
     * @param members    by id, with their present targets
     * @param subscribed topics of each member, by id
     * @param counts     partitions of each topic
     */
    static Map<String, Assignment> assign(final String name, final Collection<ConsumerMember> members,
        final Map<String, Set<UUID>> subscribed, final Map<UUID, Integer> counts) {
        final TreeMap<String, Assignment> result = new TreeMap<>();
        members.forEach(member -> result.put(member.id, new Assignment()));
        if (RANGE.equals(name)) {
            range(members, subscribed, counts, result);
        } else {
            uniform(members, subscribed, counts, result);
        }
        return result;
    }

    /** Each topic in stretches of neighbours; static members in the order of their instances. */
    private static void range(final Collection<ConsumerMember> members, final Map<String, Set<UUID>> subscribed,
        final Map<UUID, Integer> counts, final Map<String, Assignment> result) {
        final List<ConsumerMember> ordered = new ArrayList<>(members);
        ordered.sort((a, b) -> order(a).compareTo(order(b)));
        counts.forEach((topicId, count) -> {
            final List<ConsumerMember> readers = ordered.stream()
                .filter(member -> subscribed.get(member.id).contains(topicId)).toList();
            int partition = 0;
            for (int i = 0; i < readers.size(); i++) {
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

    /** As even as the subscriptions allow; whoever has a partition keeps it where that is even enough. */
    private static void uniform(final Collection<ConsumerMember> members, final Map<String, Set<UUID>> subscribed,
        final Map<UUID, Integer> counts, final Map<String, Assignment> result) {
        final TreeSet<Load> loads = new TreeSet<>();
        final Map<UUID, TreeSet<Integer>> taken = new HashMap<>();
        for (final ConsumerMember member : members) {
            final Load load = new Load(member.id, subscribed.get(member.id), result.get(member.id));
            member.target.forEach((topicId, partition) -> {
                if (load.topics.contains(topicId) && partition < counts.getOrDefault(topicId, 0)
                    && taken.computeIfAbsent(topicId, id -> new TreeSet<>()).add(partition)) {
                    load.add(topicId, partition);
                }
            });
            loads.add(load);
        }
        new TreeMap<>(counts).forEach((topicId, count) -> {
            for (int partition = 0; partition < count; partition++) {
                if (!taken.getOrDefault(topicId, new TreeSet<>()).contains(partition)) {
                    final Load least = least(loads, topicId);
                    if (least != null) {
                        loads.remove(least);
                        least.add(topicId, partition);
                        loads.add(least);
                    }
                }
            }
        });
        while (moveOne(loads)) {
            continue; // each move lessens the sum of the squares of the loads, so this ends
        }
    }

    private static Load least(final TreeSet<Load> loads, final UUID topicId) {
        for (final Load load : loads) {
            if (load.topics.contains(topicId)) {
                return load;
            }
        }
        return null;
    }

    /** {@return whether a partition went from somebody with more to somebody with less by two at least} */
    private static boolean moveOne(final TreeSet<Load> loads) {
        for (final Load from : loads.descendingSet()) {
            if (from.count - loads.first().count < 2) {
                return false;
            }
            for (final Load to : loads) {
                if (from.count - to.count < 2) {
                    break;
                }
                for (final Map.Entry<UUID, TreeSet<Integer>> topic : from.assignment.byTopic().entrySet()) {
                    if (to.topics.contains(topic.getKey())) {
                        final UUID topicId = topic.getKey();
                        final int partition = topic.getValue().last();
                        loads.remove(from);
                        loads.remove(to);
                        from.remove(topicId, partition);
                        to.add(topicId, partition);
                        loads.add(from);
                        loads.add(to);
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** What one member has been given; sorted by how much that is. */
    private static final class Load implements Comparable<Load> {
        private final String memberId;
        private final Set<UUID> topics;
        private final Assignment assignment;
        private int count;

        Load(final String memberId, final Set<UUID> topics, final Assignment assignment) {
            this.memberId = memberId;
            this.topics = topics;
            this.assignment = assignment;
        }

        void add(final UUID topicId, final int partition) {
            assignment.add(topicId, partition);
            count++;
        }

        void remove(final UUID topicId, final int partition) {
            assignment.remove(topicId, partition);
            count--;
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
