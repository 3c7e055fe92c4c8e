package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.Decision.accept;
import static io.millrace.broker.metadata.Decision.refuse;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REQUEST;
import static io.millrace.broker.metadata.MetadataErrors.POLICY_VIOLATION;

import java.util.List;
import java.util.TreeMap;

/** Commits offsets of consumer groups. Owned by the state machine. */
final class OffsetCommands {
    private final Decision decision;
    private final MetadataState state;

    OffsetCommands(final Decision decision) {
        this.decision = decision;
        state = decision.state();
    }

    MetadataResult commit(final MetadataCommand.CommitOffsets command) {
        final String error = OffsetRules.check(command);
        if (error != null) {
            return refuse(INVALID_REQUEST, error);
        }
        final OffsetTable table = state.offsets();
        final TreeMap<CommittedOffset.Key, CommittedOffset> offsets = new TreeMap<>();
        for (final CommittedOffset offset : command.offsets()) {
            final TopicInfo topic = state.topic(offset.topicId());
            if (topic != null && offset.partition() >= 0 && offset.partition() < topic.partitionCount()) {
                offsets.put(offset.key(), offset);
            }
        }
        final int accepted = offsets.size();
        int count = table.count();
        int metadataLength = table.metadataLength();
        for (final CommittedOffset offset : List.copyOf(offsets.values())) {
            final CommittedOffset present = table.find(command.group(), offset.key());
            if (offset.equals(present)) {
                offsets.remove(offset.key());
            }
            count += present == null ? 1 : 0;
            metadataLength += OffsetRules.utf8Length(offset.metadata())
                - (present == null ? 0 : OffsetRules.utf8Length(present.metadata()));
        }
        if (offsets.isEmpty()) {
            return accept(accepted);
        }
        if (!table.hasGroup(command.group()) && table.groupCount() == OffsetRules.MAX_GROUP_COUNT
            || count > OffsetRules.MAX_OFFSET_COUNT || metadataLength > OffsetRules.MAX_TOTAL_METADATA_LENGTH) {
            return refuse(POLICY_VIOLATION, "no room for offsets of group '" + command.group() + "': groups="
                + table.groupCount() + " limit=" + OffsetRules.MAX_GROUP_COUNT + ", offsets=" + count + " limit="
                + OffsetRules.MAX_OFFSET_COUNT + ", bytes of metadata=" + metadataLength + " limit="
                + OffsetRules.MAX_TOTAL_METADATA_LENGTH + ": commit under a group that is there, or delete topics");
        }
        decision.emit(new MetadataRecord.OffsetsCommitted(command.group(), List.copyOf(offsets.values())));
        return accept(accepted);
    }
}
