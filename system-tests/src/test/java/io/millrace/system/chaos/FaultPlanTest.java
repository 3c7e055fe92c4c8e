package io.millrace.system.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the seed decides. */
class FaultPlanTest {
    private static final List<FaultKind> ALL = List.of(FaultKind.values());

    @Test
    void shouldPlanTheSameWhenTheSeedIsTheSame() {
        assertEquals(plans(7, 100), plans(7, 100));
        assertNotEquals(plans(7, 100), plans(8, 100));
    }

    @Test
    void shouldDoEveryKindAndVariantEquallyOftenWhenThereAreEnoughCycles() {
        final Map<String, Integer> counts = new HashMap<>();
        // a multiple of all numbers of variants
        plans(3, ALL.size() * 42).forEach(plan -> counts.merge(plan.kind() + " " + plan.variant(), 1, Integer::sum));
        for (final FaultKind kind : FaultKind.values()) {
            final Set<Integer> times = kind.variants().stream().map(variant -> counts.get(kind + " " + variant))
                .collect(Collectors.toSet());
            assertEquals(Set.of(42 / kind.variants().size()), times, kind.name());
        }
    }

    @Test
    void shouldPauseOnBothSidesOfTheTimeOutsWhenPausesArePlanned() {
        final List<FaultPlan> pauses = IntStream.range(0, 200)
            .mapToObj(i -> FaultPlan.of(5, i, List.of(FaultKind.PAUSE))).toList();
        for (final FaultPlan pause : pauses) {
            final long shortest = pause.variant().startsWith("short") ? 300
                : pause.variant().startsWith("long") ? 3_000 : 11_000;
            assertTrue(pause.holdMs() >= shortest, pause.toString());
        }
        assertTrue(pauses.stream().anyMatch(pause -> pause.holdMs() < 1_000));
        assertTrue(pauses.stream().anyMatch(pause -> pause.holdMs() > 10_000));
    }

    private static List<FaultPlan> plans(final long seed, final int count) {
        return IntStream.range(0, count).mapToObj(i -> FaultPlan.of(seed, i, ALL)).toList();
    }
}
