package io.millrace.system.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One fault as the seed decides it; which node is meant turns out when it is done.
 *
 * @param cycle   number, from 0
 * @param kind    of the fault
 * @param variant of the kind
 * @param calmMs  load before it
 * @param holdMs  how long it lasts
 * @param percent lost, of packet loss
 * @param pick    chooses among nodes that fit
 */
record FaultPlan(int cycle, FaultKind kind, String variant, long calmMs, long holdMs, int percent, int pick) {
    private static final int[] LOSS_PERCENTS = {1, 5, 10, 20};

    /** {@return the fault of a cycle: kinds in turn in a new order each time, the variants of a kind as well} */
    static FaultPlan of(final long seed, final int cycle, final List<FaultKind> kinds) {
        final int bag = cycle / kinds.size();
        final FaultKind kind = shuffled(kinds, seed * 1_000_003 + bag).get(cycle % kinds.size());
        // each kind comes once a bag
        final int variantBag = bag / kind.variants().size();
        final String variant = shuffled(kind.variants(), seed * 7_919 + kind.ordinal() * 131L + variantBag)
            .get(bag % kind.variants().size());
        final SplittableRandom random = new SplittableRandom(seed * 31 + cycle);
        final long calmMs = random.nextLong(500, 2_500);
        final long holdMs = holdMs(kind, variant, random);
        return new FaultPlan(cycle, kind, variant, calmMs, holdMs,
            LOSS_PERCENTS[random.nextInt(LOSS_PERCENTS.length)], random.nextInt(1 << 16));
    }

    private static <T> List<T> shuffled(final List<T> all, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final List<T> left = new ArrayList<>(all);
        final List<T> order = new ArrayList<>();
        while (!left.isEmpty()) {
            order.add(left.remove(random.nextInt(left.size())));
        }
        return order;
    }

    private static long holdMs(final FaultKind kind, final String variant, final SplittableRandom random) {
        return switch (kind) {
            case KILL, KILL_ALL, STOP -> random.nextLong(0, 5_000); // back before and after it is given up
            case PAUSE -> variant.startsWith("short") ? random.nextLong(300, 1_000)
                : variant.startsWith("long") ? random.nextLong(3_000, 8_000) : random.nextLong(11_000, 14_000);
            case PARTITION -> random.nextLong(2_000, 9_000);
            case LOSS -> random.nextLong(4_000, 8_000);
            default -> random.nextLong(1_000, 4_000);
        };
    }

    String describe() {
        return kind.commandName() + " " + variant + (kind == FaultKind.LOSS ? " " + percent + " %" : "");
    }
}
