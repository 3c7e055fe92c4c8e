package io.millrace.system.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker itself: good histories pass, each kind of anomaly is found. */
class HistoryCheckerTest {
    private static final long SEED = Long.getLong("millrace.test.seed", 1);
    private static final int GOOD_COUNT = 1_000;
    private static final int BAD_COUNT = 200;
    /** What a change brings about alone, when it is made so that nothing else is wrong. */
    private static final Map<Anomaly, Set<Anomaly>> PURE = new EnumMap<>(Map.of(
        Anomaly.LOST_WRITE, Set.of(Anomaly.LOST_WRITE),
        Anomaly.LOST_NOT_A_SUFFIX, Set.of(Anomaly.LOST_NOT_A_SUFFIX),
        Anomaly.ABORTED_READ, Set.of(Anomaly.ABORTED_READ),
        Anomaly.DUPLICATE, Set.of(Anomaly.DUPLICATE),
        Anomaly.NONMONOTONIC_POLL, Set.of(Anomaly.NONMONOTONIC_POLL),
        Anomaly.SKIPPED_POLL, Set.of(Anomaly.SKIPPED_POLL),
        Anomaly.NONMONOTONIC_SEND, Set.of(Anomaly.NONMONOTONIC_SEND),
        Anomaly.WATERMARK_REGRESSED, Set.of(Anomaly.WATERMARK_REGRESSED),
        Anomaly.LOG_START_REGRESSED, Set.of(Anomaly.LOG_START_REGRESSED),
        Anomaly.TWO_LEADERS, Set.of(Anomaly.TWO_LEADERS)));

    @TempDir
    private Path directory;

    @Test
    void shouldPassWhenHistoriesAreGood() {
        System.out.println("good histories: seeds " + SEED + " to " + (SEED + GOOD_COUNT - 1));
        long lost = 0;
        long twice = 0;
        for (long seed = SEED; seed < SEED + GOOD_COUNT; seed++) {
            final Verdict verdict = check(new HistoryGenerator(seed).generate());
            assertTrue(verdict.isGood(), "seed=" + seed + ": " + verdict.describe() + "\n" + verdict.findings());
            lost += verdict.lostByLeader();
            twice += verdict.retriedTwice();
        }
        assertTrue(lost > GOOD_COUNT && twice > GOOD_COUNT, "lost=" + lost + " twice=" + twice);
    }

    @ParameterizedTest
    @EnumSource(Anomaly.class)
    void shouldFindTheAnomalyWhenAHistoryHasIt(final Anomaly kind) {
        long seed = SEED;
        for (int found = 0; found < BAD_COUNT; seed++) {
            assertTrue(seed - SEED < 10L * BAD_COUNT, "too few histories have a place for it");
            final List<HistoryEvent> bad =
                new HistoryMutator(new HistoryGenerator(seed).generate(), seed).mutate(kind);
            if (bad != null) {
                final Verdict verdict = check(bad);
                assertTrue(verdict.kinds().contains(kind), "seed=" + seed + ": " + verdict.describe());
                if (PURE.containsKey(kind)) {
                    assertEquals(PURE.get(kind), verdict.kinds(), "seed=" + seed + ": " + verdict.findings());
                }
                found++;
            }
        }
        System.out.println(kind + ": " + BAD_COUNT + " histories, seeds " + SEED + " to " + (seed - 1));
    }

    @Test
    void shouldProveNothingWhenTheFinalReaderDidNotFinish() {
        final List<HistoryEvent> events = new HistoryGenerator(SEED).generate();
        events.removeIf(event -> event instanceof HistoryEvent.Drained drained && drained.partition() == 2);
        final Verdict verdict = check(events);
        assertFalse(verdict.isGood());
        assertEquals(List.of(2), verdict.undrained());
    }

    @Test
    void shouldFindWhatWasLostWhenAcksOfTheLeaderAreTakenForMore() {
        long lostCount = 0;
        for (long seed = SEED; seed < SEED + 20; seed++) {
            final List<HistoryEvent> events = new HistoryGenerator(seed).generate();
            final long expected = check(new ArrayList<>(events)).lostByLeader();
            events.replaceAll(event -> event instanceof HistoryEvent.Lane lane
                ? new HistoryEvent.Lane(lane.lane(), lane.process(), lane.partition(), Guarantee.COMMITTED) : event);
            final Map<Anomaly, Long> found = check(events).anomalies();
            assertEquals(expected,
                found.getOrDefault(Anomaly.LOST_WRITE, 0L) + found.getOrDefault(Anomaly.UNSEEN, 0L));
            lostCount += expected;
        }
        assertTrue(lostCount > 0);
    }

    @Test
    void shouldReadBackWhatWasWritten() throws Exception {
        final List<HistoryEvent> events = new HistoryGenerator(SEED).generate();
        final Path file = directory.resolve("history");
        try (HistoryLog log = new HistoryLog(file)) {
            events.forEach(log::append);
        }
        final List<HistoryEvent> read = new ArrayList<>();
        HistoryLog.read(file, read::add);
        assertEquals(events, read);
    }

    private static Verdict check(final List<HistoryEvent> events) {
        final HistoryChecker checker = new HistoryChecker();
        events.forEach(checker::append);
        return checker.conclude();
    }
}
