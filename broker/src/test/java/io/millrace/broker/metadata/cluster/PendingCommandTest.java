package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.metadata.CommandIntake;
import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataCommand;
import org.junit.jupiter.api.Test;

class PendingCommandTest {
    private static PendingCommand pending(final MetadataCommand command) {
        return new PendingCommand(
            new CommandIntake.Submission(command, (result) -> { }), new byte[0], false, 10, 1_000);
    }

    @Test
    void shouldSendAgainWhenTheAnswerDoesNotCome() {
        final PendingCommand command = pending(Commands.delete("t"));
        assertTrue(command.isSendDue(10));
        command.onSent(0, 100);
        assertFalse(command.isSendDue(99));
        assertTrue(command.isSendDue(100));
        command.sendAgain(50);
        assertTrue(command.isSendDue(50));
        assertEquals(1_000, command.deadlineNs());
    }

    @Test
    void shouldSendAnUncleanElectionOnceAndGiveUpWhenTheSessionChanges() {
        final PendingCommand command = pending(
            new MetadataCommand.ElectLeader(3, 1, MetadataCommand.ElectionKind.UNCLEAN));
        command.sendAgain(20);
        assertEquals(1_000, command.deadlineNs(), "it was never sent");
        assertTrue(command.isSendDue(20));
        command.onSent(0, 100);
        assertFalse(command.isSendDue(500));
        command.sendAgain(200);
        assertFalse(command.isSendDue(200));
        assertEquals(200, command.deadlineNs());
    }

    @Test
    void shouldAskOnceOnlyForAnElectionThatMayLoseRecords() {
        final PendingCommand unclean = pending(
            new MetadataCommand.ElectLeader(3, 1, MetadataCommand.ElectionKind.UNCLEAN));
        unclean.onSent(0, 100);
        assertFalse(unclean.isSendDue(500));
        final PendingCommand preferred = pending(
            new MetadataCommand.ElectLeader(3, 1, MetadataCommand.ElectionKind.PREFERRED));
        preferred.onSent(0, 100);
        assertTrue(preferred.isSendDue(500));
    }
}
