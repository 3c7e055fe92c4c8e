package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Committed offsets by group, sorted. Owned by whoever owns the state machine. */
final class OffsetTable {
    private final TreeMap<String, TreeMap<CommittedOffset.Key, CommittedOffset>> groups = new TreeMap<>();
    private int count;
    private int metadataLength;

    int groupCount() {
        return groups.size();
    }

    /** {@return offsets of all groups} */
    int count() {
        return count;
    }

    /** {@return bytes of metadata of all offsets} */
    int metadataLength() {
        return metadataLength;
    }

    boolean hasGroup(final String group) {
        return groups.containsKey(group);
    }

    /** {@return what a group committed, null when nothing} */
    CommittedOffset find(final String group, final CommittedOffset.Key key) {
        final Map<CommittedOffset.Key, CommittedOffset> offsets = groups.get(group);
        return offsets == null ? null : offsets.get(key);
    }

    void put(final String group, final List<CommittedOffset> offsets) {
        final TreeMap<CommittedOffset.Key, CommittedOffset> present =
            groups.computeIfAbsent(group, (name) -> new TreeMap<>());
        for (final CommittedOffset offset : offsets) {
            account(present.put(offset.key(), offset), -1);
            account(offset, 1);
        }
    }

    /** Forgets a topic, and the groups that had committed nothing else. */
    void removeTopic(final UUID topicId) {
        final CommittedOffset.Key first = new CommittedOffset.Key(topicId, Integer.MIN_VALUE);
        final CommittedOffset.Key last = new CommittedOffset.Key(topicId, Integer.MAX_VALUE);
        groups.values().removeIf((offsets) -> {
            final Collection<CommittedOffset> ofTopic = offsets.subMap(first, true, last, true).values();
            ofTopic.forEach((offset) -> account(offset, -1));
            ofTopic.clear();
            return offsets.isEmpty();
        });
    }

    void addTo(final List<MetadataRecord> records) {
        groups.forEach((group, offsets) ->
            records.add(new MetadataRecord.OffsetsCommitted(group, new ArrayList<>(offsets.values()))));
    }

    private void account(final CommittedOffset offset, final int step) {
        if (offset != null) {
            count += step;
            metadataLength += step * OffsetRules.utf8Length(offset.metadata());
        }
    }
}
