package io.millrace.load.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenchSessionTest {
    @Test
    void shouldTellBrokersFromAnotherStartOfThemWhenTheirProcessesWereNamed() {
        final long pid = ProcessHandle.current().pid();
        final String start = BenchSession.startOf(List.of(pid));
        assertTrue(start.startsWith(pid + "@"), start);
        assertTrue(start.matches(pid + "@\\d+ of [0-9a-f-]{36}"), "by no clock that is set: " + start);
        assertEquals(start, BenchSession.startOf(List.of(pid)));
        assertEquals(BenchSession.startOf(List.of(pid, 1L)), BenchSession.startOf(List.of(1L, pid)));
        assertNull(BenchSession.startOf(List.of()), "not known");
    }

    @Test
    void shouldTakeAMachineForTheSameWhenItWasStartedAgain() {
        assertTrue(EarlierRuns.isSameMemory(8_000_000_000L, 7_990_000_000L));
        assertFalse(EarlierRuns.isSameMemory(8_000_000_000L, 7_800_000_000L));
        assertFalse(EarlierRuns.isSameMemory(null, 8_000_000_000L));
    }
}
