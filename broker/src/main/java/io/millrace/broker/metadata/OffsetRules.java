package io.millrace.broker.metadata;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bounds of committed offsets, and how a long list of them is cut into commands. Stateless. */
public final class OffsetRules {
    /** Longest metadata of one offset, in bytes of UTF-8. */
    public static final int MAX_METADATA_LENGTH = 4096;
    /** Longest name of a group, in bytes of UTF-8. */
    public static final int MAX_GROUP_LENGTH = 255;
    /** Most groups that have committed offsets. */
    public static final int MAX_GROUP_COUNT = 1_000;
    /** Most committed offsets of all groups. */
    public static final int MAX_OFFSET_COUNT = 20_000;
    /** Longest metadata of all offsets together, in bytes of UTF-8. */
    public static final int MAX_TOTAL_METADATA_LENGTH = 4 * 1024 * 1024;

    /** Format, type, group and count of a command, rounded up. */
    private static final int COMMAND_OVERHEAD_LENGTH = 32 + MAX_GROUP_LENGTH;
    /** Topic id, partition, offset, epoch and the length of the metadata, rounded up. */
    private static final int OFFSET_OVERHEAD_LENGTH = 40;

    private OffsetRules() {
    }

    /**
     * {@return whether a group may have this name}
     *
     * @param group name
     */
    public static boolean isGroupName(final String group) {
        return !group.isEmpty() && utf8Length(group) <= MAX_GROUP_LENGTH;
    }

    /**
     * {@return whether metadata of an offset is short enough}
     *
     * @param metadata of the client
     */
    public static boolean isMetadata(final String metadata) {
        return utf8Length(metadata) <= MAX_METADATA_LENGTH;
    }

    /**
     * {@return commands that commit these offsets in this order, each short enough for the quorum}
     *
     * @param group   with a name that is allowed
     * @param offsets with metadata that is allowed
     */
    public static List<MetadataCommand.CommitOffsets> commands(
        final String group, final List<CommittedOffset> offsets) {
        final List<MetadataCommand.CommitOffsets> commands = new ArrayList<>();
        int from = 0;
        int length = COMMAND_OVERHEAD_LENGTH;
        for (int i = 0; i < offsets.size(); i++) {
            final int next = OFFSET_OVERHEAD_LENGTH + utf8Length(offsets.get(i).metadata());
            if (length + next > CommandCodec.MAX_LENGTH) {
                commands.add(new MetadataCommand.CommitOffsets(group, offsets.subList(from, i)));
                from = i;
                length = COMMAND_OVERHEAD_LENGTH;
            }
            length += next;
        }
        if (from < offsets.size()) {
            commands.add(new MetadataCommand.CommitOffsets(group, offsets.subList(from, offsets.size())));
        }
        return commands;
    }

    static int utf8Length(final String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** {@return null, or what is wrong with a command whatever the state} */
    static String check(final MetadataCommand.CommitOffsets command) {
        if (!isGroupName(command.group())) {
            return "group name has " + utf8Length(command.group()) + " bytes, least=1 most=" + MAX_GROUP_LENGTH;
        }
        for (final CommittedOffset offset : command.offsets()) {
            if (offset.offset() < 0) {
                return "offset is negative: " + offset.offset();
            }
            if (!isMetadata(offset.metadata())) {
                return "metadata has " + utf8Length(offset.metadata()) + " bytes, most=" + MAX_METADATA_LENGTH;
            }
        }
        return null;
    }
}
