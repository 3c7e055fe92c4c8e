package io.millrace.broker.sim;

import java.util.ArrayList;
import java.util.List;

/** Leaves out faults of a failing run for as long as it goes on failing (delta debugging). Owned by one thread. */
final class FaultShrinker {
    private final SimOptions options;
    private final boolean comesToNoRest;
    private int runsLeft;

    /**
     * For one failing run.
     *
     * @param options  of the run
     * @param failure  how it failed
     * @param runLimit how many runs may be spent
     */
    FaultShrinker(final SimOptions options, final Throwable failure, final int runLimit) {
        this.options = options;
        this.comesToNoRest = comesToNoRest(failure);
        this.runsLeft = runLimit;
    }

    private static boolean comesToNoRest(final Throwable failure) {
        return String.valueOf(failure.getMessage()).startsWith(Simulation.NO_CONVERGENCE);
    }

    /** {@return the shortest schedule found that still fails} */
    List<Fault> shrink(final List<Fault> plan) {
        List<Fault> faults = plan;
        int partCount = 2;
        while (faults.size() > 1 && runsLeft > 0) {
            final List<Fault> smaller = withoutOnePart(faults, Math.min(partCount, faults.size()));
            if (smaller != null) {
                faults = smaller;
                partCount = Math.max(2, partCount - 1);
            } else if (partCount >= faults.size()) {
                break;
            } else {
                partCount *= 2;
            }
        }
        return faults.size() == 1 && fails(List.of()) ? List.of() : faults;
    }

    private List<Fault> withoutOnePart(final List<Fault> faults, final int partCount) {
        for (int part = 0; part < partCount && runsLeft > 0; part++) {
            final int from = faults.size() * part / partCount;
            final int to = faults.size() * (part + 1) / partCount;
            final List<Fault> rest = new ArrayList<>(faults.subList(0, from));
            rest.addAll(faults.subList(to, faults.size()));
            if (fails(rest)) {
                return rest;
            }
        }
        return null;
    }

    private boolean fails(final List<Fault> faults) {
        runsLeft--;
        try {
            new Simulation(options, faults).run();
            return false;
        } catch (final AssertionError | RuntimeException ex) {
            return comesToNoRest(ex) == comesToNoRest;
        }
    }
}
