package io.millrace.broker.metadata;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Committed offsets at one version of the metadata. Immutable; any thread. Groups that did not change are shared. */
final class OffsetImage {
    static final OffsetImage EMPTY = new OffsetImage(Map.of());

    private final Map<String, Map<CommittedOffset.Key, CommittedOffset>> groups;

    private OffsetImage(final Map<String, Map<CommittedOffset.Key, CommittedOffset>> groups) {
        this.groups = groups;
    }

    Map<CommittedOffset.Key, CommittedOffset> group(final String group) {
        return groups.getOrDefault(group, Map.of());
    }

    int groupCount() {
        return groups.size();
    }

    @Override
    public boolean equals(final Object other) {
        return this == other || other instanceof OffsetImage image && groups.equals(image.groups);
    }

    @Override
    public int hashCode() {
        return groups.hashCode();
    }

    /** Leads from one image to the next; copies each group at most once. Owned by whoever made it. */
    static final class Update {
        private final OffsetImage base;
        private final Set<String> copied = new HashSet<>();
        private Map<String, Map<CommittedOffset.Key, CommittedOffset>> groups;

        Update(final OffsetImage base) {
            this.base = base;
            this.groups = base.groups;
        }

        void apply(final MetadataRecord.OffsetsCommitted committed) {
            final Map<CommittedOffset.Key, CommittedOffset> offsets = copyOf(committed.group());
            committed.offsets().forEach((offset) -> offsets.put(offset.key(), offset));
        }

        void removeTopic(final UUID topicId) {
            for (final String group : Set.copyOf(groups.keySet())) {
                if (groups.get(group).keySet().stream().anyMatch((key) -> key.topicId().equals(topicId))) {
                    final Map<CommittedOffset.Key, CommittedOffset> offsets = copyOf(group);
                    offsets.keySet().removeIf((key) -> key.topicId().equals(topicId));
                    if (offsets.isEmpty()) {
                        groups.remove(group);
                        copied.remove(group);
                    }
                }
            }
        }

        OffsetImage build() {
            return groups == base.groups ? base : new OffsetImage(groups);
        }

        private Map<CommittedOffset.Key, CommittedOffset> copyOf(final String group) {
            if (groups == base.groups) {
                groups = new HashMap<>(groups);
            }
            if (copied.add(group)) {
                groups.put(group, new HashMap<>(groups.getOrDefault(group, Map.of())));
            }
            return groups.get(group);
        }
    }
}
