package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OffsetCommitTest {
    private final MetadataStateMachine machine = new MetadataStateMachine();
    private MetadataImage image = MetadataImage.EMPTY;
    private UUID topicId;

    @BeforeEach
    void createTopic() {
        assertTrue(apply(Commands.ready(1, apply(Commands.register(1, 1)).value())).isOk());
        assertTrue(apply(Commands.create("t", 10_000, 1)).isOk());
        topicId = machine.state().topic("t").id();
    }

    private MetadataResult apply(final MetadataCommand command) {
        final MetadataStateMachine.Outcome outcome = machine.apply(command, 1, 0);
        if (outcome.delta() != null) {
            image = image.follow(List.of(outcome.delta()));
        }
        return outcome.result();
    }

    private MetadataResult commit(final String group, final int partition, final long offset, final String metadata) {
        return apply(new MetadataCommand.CommitOffsets(
            group, List.of(new CommittedOffset(topicId, partition, offset, -1, metadata))));
    }

    private void assertRefused(final MetadataResult result, final String fragment) {
        assertEquals(MetadataErrors.POLICY_VIOLATION, result.errorCode());
        assertTrue(result.message().contains(fragment), result.message());
    }

    @Test
    void shouldKeepTheLastOffsetOfEachPartitionWhenCommitted() {
        assertTrue(commit("g", 1, 5, "a").isOk());
        assertTrue(commit("g", 2, 6, "b").isOk());
        final long version = machine.state().version();
        assertTrue(commit("g", 2, 6, "b").isOk());
        assertEquals(version, machine.state().version(), "nothing changed");
        assertTrue(commit("g", 1, 4, "").isOk());
        assertEquals(new CommittedOffset(topicId, 1, 4, -1, ""), image.committedOffset("g", topicId, 1));
        assertEquals(new CommittedOffset(topicId, 2, 6, -1, "b"), image.committedOffset("g", topicId, 2));
        assertEquals(2, image.committedOffsets("g").size());
        assertNull(image.committedOffset("h", topicId, 1));
        assertEquals(image, MetadataImage.EMPTY.follow(List.of(machine.state().snapshot())));
    }

    @Test
    void shouldTakeTheLastWhenAPartitionIsNamedTwice() {
        assertTrue(apply(new MetadataCommand.CommitOffsets("g", List.of(
            new CommittedOffset(topicId, 0, 1, -1, "xx"), new CommittedOffset(topicId, 0, 2, -1, "x")))).isOk());
        assertEquals(2, image.committedOffset("g", topicId, 0).offset());
        assertEquals(1, machine.state().offsets().count());
        assertEquals(1, machine.state().offsets().metadataLength());
    }

    @Test
    void shouldForgetOffsetsAndEmptyGroupsWhenTheTopicIsDeleted() {
        apply(Commands.create("u", 1, 1));
        final UUID other = machine.state().topic("u").id();
        commit("g", 1, 5, "m");
        commit("h", 1, 5, "m");
        apply(new MetadataCommand.CommitOffsets("h", List.of(new CommittedOffset(other, 0, 9, -1, "mm"))));
        apply(Commands.delete("t"));
        assertEquals(List.of(), List.copyOf(image.committedOffsets("g")));
        assertEquals(9, image.committedOffset("h", other, 0).offset());
        assertEquals(1, image.committedOffsets("h").size());
        assertEquals(1, machine.state().offsets().groupCount());
        assertEquals(2, machine.state().offsets().metadataLength());
        final MetadataResult late = commit("g", 1, 5, "m");
        assertTrue(late.isOk());
        assertEquals(0, late.value(), "left out: the topic is gone");
        assertEquals(image, MetadataImage.EMPTY.follow(List.of(machine.state().snapshot())));
    }

    @Test
    void shouldKeepOffsetsWhenATopicIsAltered() {
        commit("g", 1, 5, "m");
        assertTrue(apply(new MetadataCommand.AlterTopicConfig("t", Map.of("retention.bytes", "9"), List.of())).isOk());
        assertEquals(5, image.committedOffset("g", topicId, 1).offset());
    }

    @Test
    void shouldRefuseOneMoreGroupWhenThereAreAsManyAsAllowed() {
        for (int i = 0; i < OffsetRules.MAX_GROUP_COUNT; i++) {
            assertTrue(commit("g" + i, 0, 1, "").isOk());
        }
        assertRefused(commit("late", 0, 1, ""), "groups=1000 limit=1000");
        assertTrue(commit("g7", 0, 2, "").isOk(), "a group that is there goes on");
        assertNull(image.committedOffset("late", topicId, 0));
    }

    @Test
    void shouldRefuseOneMoreOffsetWhenThereAreAsManyAsAllowed() {
        for (final String group : List.of("g", "h")) {
            final List<CommittedOffset> offsets = new ArrayList<>();
            for (int i = 0; i < OffsetRules.MAX_OFFSET_COUNT / 2; i++) {
                offsets.add(new CommittedOffset(topicId, i, i, -1, ""));
            }
            OffsetRules.commands(group, offsets).forEach((command) -> assertTrue(apply(command).isOk()));
        }
        assertRefused(commit("i", 0, 1, ""), "offsets=20001 limit=20000");
        assertTrue(commit("g", 0, 2, "").isOk(), "an offset that is there goes on");
    }

    @Test
    void shouldRefuseMoreMetadataWhenThereIsAsMuchAsAllowed() {
        final String metadata = "m".repeat(OffsetRules.MAX_METADATA_LENGTH);
        final int count = OffsetRules.MAX_TOTAL_METADATA_LENGTH / OffsetRules.MAX_METADATA_LENGTH;
        for (int i = 0; i < count; i++) {
            assertTrue(commit("g", i, 1, metadata).isOk());
        }
        assertRefused(commit("g", count, 1, "m"), "bytes of metadata=4194305 limit=4194304");
        assertTrue(commit("g", count, 1, "").isOk());
        assertTrue(commit("g", 0, 1, "").isOk());
        assertTrue(commit("g", count, 1, "m").isOk(), "there is room again");
    }

    @Test
    void shouldRefuseWhatNoClientMaySend() {
        assertEquals(MetadataErrors.INVALID_REQUEST, commit("", 0, 1, "").errorCode());
        assertEquals(MetadataErrors.INVALID_REQUEST, commit("\u00fc".repeat(128), 0, 1, "").errorCode());
        assertEquals(MetadataErrors.INVALID_REQUEST, commit("g", 0, -1, "").errorCode());
        assertEquals(MetadataErrors.INVALID_REQUEST, commit("g", 0, 1, "m".repeat(4097)).errorCode());
        assertEquals(0, machine.state().offsets().groupCount());
        assertTrue(apply(new MetadataCommand.CommitOffsets("g", List.of())).isOk());
        assertEquals(0, machine.state().offsets().groupCount(), "nothing committed, nothing kept");
    }

    @Test
    void shouldCutIntoCommandsThatFitTheQuorumWhenThereAreManyOffsets() {
        final List<CommittedOffset> offsets = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            offsets.add(new CommittedOffset(topicId, i, i, -1, "\u20ac".repeat(i * 13 % 1366)));
        }
        final List<CommittedOffset> carried = new ArrayList<>();
        for (final MetadataCommand.CommitOffsets command : OffsetRules.commands("g".repeat(255), offsets)) {
            assertTrue(MetadataBytes.encode(command) != null, "fits");
            carried.addAll(command.offsets());
        }
        assertEquals(offsets, carried);
        assertEquals(List.of(), OffsetRules.commands("g", List.of()));
    }
}
