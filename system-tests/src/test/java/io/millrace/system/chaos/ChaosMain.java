package io.millrace.system.chaos;

import io.millrace.engine.damage.CommandOptions;
import io.millrace.load.run.ExitCodes;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The command {@code chaos}. Owned by the main thread. */
public final class ChaosMain {
    private static final long STOP_TIMEOUT_S = 85;
    private static final int LARGEST_COUNT = 1_000_000;
    private static final String HELP = """
        Usage: millrace chaos [--faults LIST] [--cycles N] [--seed S] [--out DIR] [--round-cycles N] [--rate N]
                              [--set KEY=VALUE]... [--keep]
               millrace chaos failover ...   (see millrace chaos failover --help)
        Starts three brokers, lets Kafka's own clients write and read, breaks the cluster once a cycle, and after each
        round of cycles reads everything back, checks what every client saw, and compares the replicas byte by byte.
          --faults LIST      of kill,kill-all,stop,pause,partition,loss,disk-full,io-error; default: all that work here
          --cycles N         faults in all, those of earlier runs in the same directory included; default 20
          --seed S           decides which fault comes when, and how long; default 1
          --out DIR          result directory; default millrace-chaos-SEED. The same command goes on there
          --round-cycles N   cycles of one life of a cluster, after which everything is checked; default 10
          --rate N           records a second of each of five producers; default 200
          --set KEY=VALUE    a property of every broker
          --keep             keep data and histories of good rounds, too
        Partitions and packet loss need root, ip and nft (network namespaces of the rig's own), a full disk needs root
        (a small tmpfs), I/O errors need gcc. A fault counts only when it was seen to happen.
        Exit codes: 0 all well; 1 the cluster did not come back, or the rig failed; 2 usage; 4 a fault did not happen;
        5 records lost, duplicated, reordered or damaged, or replicas differ; 130 stopped, results kept.
        """;

    private final PrintStream out;
    private List<FaultKind> kinds;
    private int cycleCount = 20;
    private int roundCycles = 10;
    private int ratePerS = 200;
    private long seed = 1;
    private Path directory;
    private boolean isKept;
    private final Map<String, String> overrides = new TreeMap<>();

    private ChaosMain(final PrintStream out) {
        this.out = out;
    }

    /**
     * Runs it and ends the process with its exit code.
     *
     * @param args the command line
     * @throws Exception when the rig fails
     */
    public static void main(final String[] args) throws Exception {
        System.exit(run(List.of(args), System.out));
    }

    static int run(final List<String> args, final PrintStream out) throws Exception {
        final ChaosMain main = new ChaosMain(out);
        try {
            if (!args.isEmpty() && "failover".equals(args.get(0))) {
                return FailoverMain.run(args.subList(1, args.size()), out);
            }
            if (args.contains("--help") || args.contains("-h")) {
                out.print(HELP);
                return ExitCodes.OK;
            }
            CommandOptions.parse(args, Set.of("--keep"), main::set);
            return main.run();
        } catch (final IllegalArgumentException ex) {
            out.println("millrace chaos: " + ex.getMessage());
            out.println("  See: millrace chaos --help");
            return ExitCodes.USAGE;
        }
    }

    private boolean set(final String option, final String value) {
        switch (option) {
            case "--keep" -> isKept = true;
            case "--faults" -> kinds = kinds(value);
            case "--cycles" -> cycleCount = number(option, value);
            case "--round-cycles" -> roundCycles = number(option, value);
            case "--rate" -> ratePerS = number(option, value);
            case "--seed" -> seed = longNumber(option, value);
            case "--out" -> directory = Path.of(value);
            case "--set" -> set(value, overrides);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static List<FaultKind> kinds(final String text) {
        final List<FaultKind> found = new ArrayList<>();
        for (final String name : text.split(",")) {
            final FaultKind kind = FaultKind.parse(name);
            if (kind == null) {
                throw new IllegalArgumentException("no such fault: " + name);
            }
            if (kind.whyNot() != null) {
                throw new IllegalArgumentException(name + " cannot be done here: " + kind.whyNot());
            }
            if (!found.contains(kind)) {
                found.add(kind);
            }
        }
        return found;
    }

    static void set(final String value, final Map<String, String> overrides) {
        final int equals = value.indexOf('=');
        if (equals <= 0) {
            throw new IllegalArgumentException("not KEY=VALUE: " + value);
        }
        overrides.put(value.substring(0, equals), value.substring(equals + 1));
    }

    static int number(final String option, final String value) {
        final long number = longNumber(option, value);
        if (number < 1 || number > LARGEST_COUNT) {
            throw new IllegalArgumentException("out of range: " + option + "=" + value + ", allowed are 1 to "
                + LARGEST_COUNT);
        }
        return (int) number;
    }

    static long longNumber(final String option, final String value) {
        try {
            return Long.parseLong(value);
        } catch (final NumberFormatException ex) {
            throw new IllegalArgumentException("not a number: " + option + "=" + value);
        }
    }

    static Path launcher() {
        final String command = System.getProperty("millrace.command", "");
        if (!Files.isExecutable(Path.of(command))) {
            throw new IllegalArgumentException("no command to start brokers with: millrace.command=" + command
                + "; run ./millrace chaos");
        }
        return Path.of(command).toAbsolutePath();
    }

    /** Prints with the time of day. */
    static void say(final PrintStream out, final String line) {
        out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
        out.flush();
    }

    private int run() throws Exception {
        if (kinds == null) {
            kinds = new ArrayList<>();
            for (final FaultKind kind : FaultKind.values()) {
                if (kind.whyNot() == null) {
                    kinds.add(kind);
                } else {
                    say(out, "left out: " + kind.commandName() + ", " + kind.whyNot());
                }
            }
        }
        final RoundOptions options = new RoundOptions(seed, List.copyOf(kinds), ratePerS, launcher(), overrides);
        final Path place = directory == null ? Path.of("millrace-chaos-" + seed) : directory;
        final RunStore store = RunStore.open(place, options);
        final StopFlag stop = new StopFlag();
        final int code = stoppable(stop, out, () ->
            new ChaosRun(options, store, roundCycles, isKept, stop, line -> say(out, line)).run(cycleCount));
        say(out, "results in " + store.directory() + ", summary.md");
        return code;
    }

    /** What can be stopped by a signal in order. */
    interface Stoppable {
        int run() throws Exception;
    }

    static int stoppable(final StopFlag stop, final PrintStream out, final Stoppable work) throws Exception {
        final CountDownLatch ended = new CountDownLatch(1);
        final Thread hook = new Thread(() -> {
            stop.set();
            say(out, "ending: what was begun is healed and checked, up to " + STOP_TIMEOUT_S + " s");
            try {
                ended.await(STOP_TIMEOUT_S, TimeUnit.SECONDS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }, "chaos-stop");
        Runtime.getRuntime().addShutdownHook(hook);
        final int code;
        try {
            code = work.run();
        } finally {
            ended.countDown();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException ex) {
            return ExitCodes.INTERRUPTED; // being shut down already
        }
        return code;
    }
}
