package io.millrace.broker.sim;

import io.millrace.engine.damage.Campaign;
import io.millrace.engine.damage.CampaignWork;
import io.millrace.engine.damage.CommandOptions;
import io.millrace.engine.damage.DamageCases;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The simulate command. Owned by the main thread. */
public final class SimulateMain {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int COMMIT_LENGTH = 12;
    private static final int BLOCK_LENGTH = 8;
    private static final String HELP = """
        Usage: millrace simulate [--seeds N] [--from S] [--profile any|replicated|durable] [--jobs K]
                                 [--twice true|false] [--state DIR]
               millrace simulate --seed S [--keep I,J,...] [--trace true|false] [--profile ...]
        Runs clusters of three brokers in one process on virtual time, with faults, and checks them after every event.
          --seeds N       how many seeds in all, those of earlier runs included; default 1000
          --from S        the first one; default 0
          --profile P     only shards of this profile; default any
          --jobs K        threads; default: one per processor
          --twice B       whether each seed runs twice and has to do the same; default true
          --state DIR     where it is noted how far the campaign is; default millrace-simulations
          --seed S        runs only this seed
          --keep I,J,...  with only these of its faults, counted from 0; as a failure names them
          --trace B       whether to tell event by event what happens; default false
          --mutant M      makes the brokers wrong on purpose: %s
        The same command goes on where it stopped, as long as the commit is the same. A seed that fails is printed with
        the shortest schedule of faults found that still fails. Exit code 1 when any seed failed.
        """;

    private final PrintStream out;
    private long seedCount = 1_000;
    private long from;
    private long only = -1;
    private SimOptions.Profile profile = SimOptions.Profile.ANY;
    private Mutant mutant = Mutant.NONE;
    private int jobCount = Runtime.getRuntime().availableProcessors();
    private boolean twice = true;
    private boolean trace;
    private List<Integer> kept;
    private Path directory = Path.of("millrace-simulations");

    private SimulateMain(final PrintStream out) {
        this.out = out;
    }

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the command line
     * @throws Exception when the state cannot be read or written
     */
    public static void main(final String[] args) throws Exception {
        System.exit(run(List.of(args), System.out));
    }

    static int run(final List<String> args, final PrintStream out) throws Exception {
        final SimulateMain main = new SimulateMain(out);
        try {
            if (args.contains("--help") || args.contains("-h")) {
                out.print(help());
                return OK;
            }
            CommandOptions.parse(args, Set.of(), main::set);
        } catch (final IllegalArgumentException ex) {
            out.println("millrace simulate: " + ex.getMessage());
            out.print(help());
            return USAGE;
        }
        return main.only >= 0 ? main.runOne() : main.runAll();
    }

    private static String help() {
        return String.format(HELP, Arrays.stream(Mutant.values()).filter(mutant -> mutant != Mutant.NONE)
            .map(Mutant::name).collect(Collectors.joining(",\n                          ")));
    }

    /** {@return the commit of what runs, shortened} */
    static String commit() {
        final String sha = System.getProperty("millrace.git.sha", "unknown");
        return (sha.length() > COMMIT_LENGTH ? sha.substring(0, COMMIT_LENGTH) : sha)
            + (Boolean.getBoolean("millrace.git.dirty") ? "-dirty" : "");
    }

    private boolean set(final String option, final String value) {
        switch (option) {
            case "--seeds" -> seedCount = number(option, value, 1);
            case "--from" -> from = number(option, value, 0);
            case "--seed" -> only = number(option, value, 0);
            case "--jobs" -> jobCount = (int) Math.min(1_000, number(option, value, 1));
            case "--profile" -> profile = choice(SimOptions.Profile.class, option, value);
            case "--mutant" -> mutant = choice(Mutant.class, option, value);
            case "--twice" -> twice = truth(option, value);
            case "--trace" -> trace = truth(option, value);
            case "--state" -> directory = Path.of(value);
            case "--keep" -> {
                kept = new ArrayList<>();
                for (final String index : value.split(",")) {
                    kept.add((int) number(option, index, 0));
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static <E extends Enum<E>> E choice(final Class<E> type, final String option, final String value) {
        try {
            return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
        } catch (final IllegalArgumentException ex) {
            throw new IllegalArgumentException(
                option + " must be one of " + Arrays.toString(type.getEnumConstants()) + ": " + value, ex);
        }
    }

    private static boolean truth(final String option, final String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(option + " must be true or false: " + value);
        }
        return value.equals("true");
    }

    private static long number(final String option, final String value, final long least) {
        try {
            final long number = Long.parseLong(value.trim());
            if (number >= least) {
                return number;
            }
        } catch (final NumberFormatException ex) {
            // said below
        }
        throw new IllegalArgumentException(option + " must be a whole number of at least " + least + ": " + value);
    }

    private int runOne() {
        final SimOptions options = SimOptions.of(only, mutant, profile);
        final List<Fault> plan = FaultPlan.of(options);
        final List<Fault> faults = new ArrayList<>();
        for (int i = 0; i < plan.size(); i++) {
            if (kept == null || kept.contains(i)) {
                faults.add(plan.get(i));
            }
        }
        out.println("seed " + only + " of commit " + commit() + ": " + options);
        faults.forEach(fault -> out.println("  " + fault));
        if (!trace && kept == null) {
            try {
                out.println(new SimCases(profile, mutant, twice).run(only, 0) + ": held");
                return OK;
            } catch (final AssertionError ex) {
                out.println("FAILED " + ex.getMessage());
                return FAILED;
            }
        }
        final Simulation simulation = new Simulation(options, faults).listener(trace ? out::println : null);
        try {
            simulation.run();
            out.println("held; observed: " + simulation.counters());
            return OK;
        } catch (final AssertionError | RuntimeException ex) {
            out.println("FAILED");
            ex.printStackTrace(out);
            return FAILED;
        }
    }

    private int runAll() throws Exception {
        return Campaign.goOn(new Work(), from, seedCount, jobCount, directory, out) ? OK : FAILED;
    }

    private final class Work implements CampaignWork {
        @Override
        public String commandName() {
            return "simulate-" + profile.name().toLowerCase(Locale.ROOT)
                + (mutant == Mutant.NONE ? "" : "-" + mutant) + (twice ? "" : "-once") + "-" + commit();
        }

        @Override
        public int blockLength() {
            return BLOCK_LENGTH;
        }

        @Override
        public DamageCases newCases() {
            return new SimCases(profile, mutant, twice);
        }

        @Override
        public String again(final long firstSeed, final long index) {
            return "./millrace simulate --seed " + (firstSeed + index)
                + (profile == SimOptions.Profile.ANY ? "" : " --profile " + profile.name().toLowerCase(Locale.ROOT))
                + (mutant == Mutant.NONE ? "" : " --mutant " + mutant);
        }
    }
}
