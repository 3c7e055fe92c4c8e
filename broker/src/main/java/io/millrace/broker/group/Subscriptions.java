package io.millrace.broker.group;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Who reads which topics in a group of the consumer protocol, made for one assignment: members that read the same share
 * what is known of that, so that it takes no more when there are many of them. Owned by its maker.
 */
final class Subscriptions {
    /** What some members read; those who read the same have the same object. */
    final class Topics {
        /** Numbers these objects from 0. */
        final int index;
        private final BitSet bits;

        Topics(final int index, final BitSet bits) {
            this.index = index;
            this.bits = bits;
        }

        boolean contains(final UUID topicId) {
            final Integer bit = bitOf.get(topicId);
            return bit != null && bits.get(bit);
        }
    }

    private final TopicCatalog catalog;
    private final Map<UUID, Integer> bitOf = new HashMap<>();
    private final TreeMap<UUID, Integer> counts = new TreeMap<>();
    private final Map<List<String>, BitSet> ofNames = new HashMap<>();
    /** An expression's topics are one list for all members that have it; to compare their names would take long. */
    private final Map<List<String>, BitSet> ofMatches = new IdentityHashMap<>();
    private final Map<BitSet, Topics> distinct = new HashMap<>();
    private final Map<String, Topics> ofMembers = new HashMap<>();

    Subscriptions(final TopicCatalog catalog, final Collection<ConsumerMember> members) {
        this.catalog = catalog;
        members.forEach(member -> ofMembers.put(member.id, find(member)));
    }

    private Topics find(final ConsumerMember member) {
        final BitSet bits = (BitSet)ofNames.computeIfAbsent(member.topicNames, this::find).clone();
        bits.or(ofMatches.computeIfAbsent(member.matchedTopics, this::find));
        if (member.topicRegex != null && member.matchedRegex == null) {
            // this coordinator does not know yet what it means: the one before it did
            member.target.byTopic().keySet().stream().filter(topicId -> catalog.topicName(topicId) != null)
                .forEach(topicId -> add(topicId, bits));
        }
        return distinct.computeIfAbsent(bits, some -> new Topics(distinct.size(), some));
    }

    private BitSet find(final List<String> names) {
        final BitSet bits = new BitSet();
        names.forEach(name -> add(catalog.topicId(name), bits));
        return bits;
    }

    private void add(final UUID topicId, final BitSet bits) {
        if (topicId != null) {
            Integer bit = bitOf.get(topicId);
            if (bit == null) {
                bit = bitOf.size();
                bitOf.put(topicId, bit);
                counts.put(topicId, catalog.partitionCount(topicId));
            }
            bits.set(bit);
        }
    }

    /** {@return partitions of each topic that anybody reads} */
    Map<UUID, Integer> counts() {
        return counts;
    }

    /** {@return how many different subscriptions there are} */
    int distinctCount() {
        return distinct.size();
    }

    Topics of(final String memberId) {
        return ofMembers.get(memberId);
    }

    /** {@return the indexes of the subscriptions that have a topic that anybody reads} */
    BitSet readers(final UUID topicId) {
        final BitSet readers = new BitSet(distinct.size());
        final int bit = bitOf.get(topicId);
        distinct.values().forEach(topics -> readers.set(topics.index, topics.bits.get(bit)));
        return readers;
    }
}
