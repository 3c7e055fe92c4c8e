package io.millrace.broker.sim;

import io.millrace.engine.damage.DamageCases;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Simulated clusters as cases of a campaign: the campaign's seed is the first one. Owned by one thread. */
final class SimCases implements DamageCases {
    private static final int SHRINK_RUN_LIMIT = 300;

    private final SimOptions.Profile profile;
    private final Mutant mutant;
    private final boolean twice;
    private SimCounters counters = new SimCounters();

    SimCases(final SimOptions.Profile profile, final Mutant mutant, final boolean twice) {
        this.profile = profile;
        this.mutant = mutant;
        this.twice = twice;
    }

    @Override
    public String run(final long firstSeed, final long index) {
        final long seed = firstSeed + index;
        final SimOptions options = SimOptions.of(seed, mutant, profile);
        final List<Fault> plan = FaultPlan.of(options);
        final Simulation simulation = new Simulation(options, plan);
        try {
            final long hash = simulation.run();
            if (twice) {
                final long again = new Simulation(options, plan).run();
                if (again != hash) {
                    throw new AssertionError("not deterministic: trace " + hash + ", then " + again);
                }
            }
        } catch (final AssertionError | RuntimeException ex) {
            throw new AssertionError(describe(seed, options, plan, ex), ex);
        } finally {
            counters.add(simulation.counters());
        }
        return (options.durable() ? "durable" : "replicated") + (plan.isEmpty() ? ", without faults" : ", with faults");
    }

    @Override
    public Map<String, Long> observed() {
        final SimCounters seen = counters;
        counters = new SimCounters();
        return seen.all().entrySet().stream()
            .collect(Collectors.toMap(entry -> "  observed: " + entry.getKey(), Map.Entry::getValue));
    }

    private static String describe(
        final long seed, final SimOptions options, final List<Fault> plan, final Throwable failure) {
        final List<Fault> shortest = new FaultShrinker(options, failure, SHRINK_RUN_LIMIT).shrink(plan);
        final StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(" of commit ").append(SimulateMain.commit()).append(": ")
            .append(firstLine(failure)).append("\n  shortest schedule found, ").append(shortest.size()).append(" of ")
            .append(plan.size()).append(" faults:");
        shortest.forEach(fault -> text.append("\n    ").append(fault));
        text.append("\n  this schedule, step by step: ./millrace simulate --seed ").append(seed).append(" --profile ")
            .append(profileOf(options)).append(options.mutant() == Mutant.NONE ? "" : " --mutant " + options.mutant())
            .append(" --trace true --keep ")
            .append(shortest.stream().map(fault -> Integer.toString(plan.indexOf(fault)))
                .collect(Collectors.joining(",")));
        return text.toString();
    }

    static String firstLine(final Throwable failure) {
        final String text = failure instanceof Simulation.Violation ? failure.getMessage() : failure.toString();
        return text.lines().findFirst().orElse("");
    }

    private static String profileOf(final SimOptions options) {
        return options.durable() ? "durable" : "replicated";
    }
}
