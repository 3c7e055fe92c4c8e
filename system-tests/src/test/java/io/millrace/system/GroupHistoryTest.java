package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A checker that finds nothing proves nothing: each wrong in a history of its own. */
class GroupHistoryTest {
    private final GroupHistory history = new GroupHistory(1);

    private void hear(final String member, final String... lines) {
        for (final String line : lines) {
            history.hear(member, line);
        }
    }

    private void assertWrong(final String what) {
        final List<String> errors = history.check();
        assertTrue(errors.stream().anyMatch(error -> error.contains(what)), () -> what + " is missing: " + errors);
    }

    /** The first member reads and commits up to 10 and gives its partition back at 40. */
    private void first() {
        hear("a", "assigned 10 1 A 0 0", "read 20 0 0 10", "committing 21 0:10", "committed 30", "revoked 40 0");
    }

    @Test
    void shouldFindNothingWhenAllIsWell() {
        first();
        hear("b", "assigned 50 2 B 0 0", "read 60 0 10 20", "committing 61 0:20", "refused 62", "committing 63 0:20");
        history.killed("b", 70);
        hear("c", "assigned 80 3 C 0 0", "read 90 0 20 25");
        history.observed(31, 32, Map.of(0, 10L));
        history.observed(91, 92, Map.of(0, 20L));
        assertEquals(List.of(), history.check());
    }

    @Test
    void shouldLetALossBeNoticedLate() {
        hear("a", "assigned 10 1 A 0 0", "read 20 0 0 10", "committing 21 0:10", "committed 30");
        history.paused("a", 35);
        hear("b", "assigned 50 2 B 0 0", "read 60 0 10 20");
        hear("a", "read 65 0 10 20", "committing 66 0:20", "refused 67", "lost 70 0");
        assertEquals(List.of(), history.check());
        assertEquals(1, history.lossCount("a", 35));
        assertTrue(history.summary().contains("0 of them by members that nobody had paused"), history.summary());
    }

    @Test
    void shouldFindTwoOwners() {
        hear("a", "assigned 10 1 A 0 0");
        hear("b", "assigned 20 2 B 0 0");
        hear("a", "revoked 30 0");
        assertWrong("two owners");
    }

    @Test
    void shouldFindAnOwnerBesideOneThatWasKilledLater() {
        hear("a", "assigned 10 1 A 0 0");
        hear("b", "assigned 20 2 B 0 0");
        history.killed("a", 30);
        assertWrong("two owners");
    }

    @Test
    void shouldFindTwoOwnersInOneGeneration() {
        hear("a", "assigned 10 1 A 0 0", "revoked 20 0");
        hear("b", "assigned 30 1 B 0 0");
        assertWrong("generation 1");
    }

    @Test
    void shouldFindACommitOfSomebodyWhoHasLostWhatHeHad() {
        hear("a", "assigned 10 1 A 0 0", "read 20 0 0 10");
        hear("b", "assigned 50 2 B 0 0");
        hear("a", "committing 60 0:10", "committed 61", "lost 70 0");
        hear("b", "revoked 80 0");
        assertWrong("while it belonged to");
    }

    @Test
    void shouldFindWhatWasSkipped() {
        first();
        hear("b", "assigned 50 2 B 0 0", "read 60 0 11 20");
        assertWrong("skipped everything from 10");
        hear("b", "read 61 0 21 22");
        assertWrong("read 21 after 20");
    }

    @Test
    void shouldNotTakeARefusedCommitForAStart() {
        hear("a", "assigned 10 1 A 0 0", "read 20 0 0 10", "committing 21 0:10", "refused 30", "revoked 40 0");
        hear("b", "assigned 50 2 B 0 0", "read 60 0 10 20");
        assertWrong("skipped everything from 0");
    }

    @Test
    void shouldTakeACommitForPossibleWhenItsAnswerMayHaveGoneWithTheCoordinator() {
        hear("a", "assigned 10 1 A 0 0", "read 20 0 0 10", "committing 21 0:10");
        history.outage(22);
        history.outageOver(28);
        hear("a", "refused 30", "revoked 40 0");
        hear("b", "assigned 50 2 B 0 0", "read 60 0 10 20");
        assertEquals(List.of(), history.check());
    }

    @Test
    void shouldFindOffsetsThatWentBack() {
        first();
        hear("b", "assigned 50 2 B 0 0", "read 60 0 5 8", "committing 61 0:8", "committed 62");
        assertWrong("went back: b");
        assertWrong("went back from 10 by a");
    }

    @Test
    void shouldFindCommitsThatAreGoneOrThatNobodyMade() {
        first();
        history.observed(50, 51, Map.of());
        assertWrong("went back from 10 by a");
        history.observed(52, 53, Map.of(0, 11L));
        assertWrong("nobody committed what is there");
    }
}
