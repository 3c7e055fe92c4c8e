package io.millrace.system.chaos;

import io.millrace.engine.damage.CommandOptions;
import io.millrace.load.run.ExitCodes;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The command {@code chaos failover}. Owned by the main thread. */
final class FailoverMain {
    private static final String HELP = """
        Usage: millrace chaos failover [--kills N] [--shutdowns N] [--partitions N] [--seed S] [--out DIR]
                                       [--set KEY=VALUE]...
               millrace chaos failover --bootstrap-server LIST --node-pid COMMAND --node-start COMMAND ...
        Ends one broker at a time under load and measures, for each partition it led, the longest time between two
        acknowledgements: Kafka's own producer with its defaults (idempotent, acks=all), one record at a time to each
        partition. Every third victim is whoever leads the metadata.
          --kills N             kill -9; default 30
          --shutdowns N         SIGTERM, after the kills; default 0
          --partitions N        of the topic, with 3 replicas and min.insync.replicas=2; default 12
          --seed S              decides victims and times; default 1
          --out DIR             where failover.json goes; default millrace-failover. The same command goes on there
          --set KEY=VALUE       a property of every broker of the cluster that is started
          --bootstrap-server    a running cluster of three brokers on this machine instead, of Apache Kafka for example
          --node-pid COMMAND    prints the pid of a broker; {node} stands for its id
          --node-start COMMAND  starts a broker again and returns
        Exit codes: 0 measured; 1 a partition did not come back; 2 usage; 130 stopped, results kept.
        """;

    private final PrintStream out;
    private int killCount = 30;
    private int shutdownCount;
    private int partitionCount = 12;
    private long seed = 1;
    private Path directory = Path.of("millrace-failover");
    private String bootstrapServers;
    private String pidCommand;
    private String startCommand;
    private final Map<String, String> overrides = new TreeMap<>();

    private FailoverMain(final PrintStream out) {
        this.out = out;
    }

    static int run(final List<String> args, final PrintStream out) throws Exception {
        if (args.contains("--help") || args.contains("-h")) {
            out.print(HELP);
            return ExitCodes.OK;
        }
        final FailoverMain main = new FailoverMain(out);
        main.parse(args);
        final StopFlag stop = new StopFlag();
        return ChaosMain.stoppable(stop, out, () -> main.run(stop));
    }

    private boolean set(final String option, final String value) {
        switch (option) {
            case "--kills" -> killCount = "0".equals(value) ? 0 : ChaosMain.number(option, value);
            case "--shutdowns" -> shutdownCount = "0".equals(value) ? 0 : ChaosMain.number(option, value);
            case "--partitions" -> partitionCount = ChaosMain.number(option, value);
            case "--seed" -> seed = ChaosMain.longNumber(option, value);
            case "--out" -> directory = Path.of(value);
            case "--bootstrap-server" -> bootstrapServers = value;
            case "--node-pid" -> pidCommand = value;
            case "--node-start" -> startCommand = value;
            case "--set" -> ChaosMain.set(value, overrides);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void parse(final List<String> words) {
        CommandOptions.parse(words, Set.of(), this::set);
        if (bootstrapServers != null && (pidCommand == null || startCommand == null)) {
            throw new IllegalArgumentException("--bootstrap-server needs --node-pid and --node-start");
        }
    }

    private int run(final StopFlag stop) throws Exception {
        final Path place = directory.toAbsolutePath().normalize();
        Files.createDirectories(place);
        final Path file = place.resolve("failover.json");
        final List<FailoverResult> results = new ArrayList<>();
        if (Files.exists(file)) {
            results.addAll(List.of(RunStore.MAPPER.treeToValue(
                RunStore.MAPPER.readTree(file.toFile()).path("ends"), FailoverResult[].class)));
            ChaosMain.say(out, "going on after " + results.size() + " of " + (killCount + shutdownCount));
        }
        try (Leftovers leftovers = Leftovers.open(place.resolve("outside.txt"));
            FailoverTarget target = target(place, leftovers)) {
            final Failover failover = new Failover(target, partitionCount, seed + results.size(), stop);
            try {
                failover.begin();
                while (results.size() < killCount + shutdownCount && !stop.isSet()) {
                    final FailoverResult result = failover.once(results.size(), results.size() < killCount);
                    if (result != null) {
                        results.add(result);
                        store(file, results);
                        say(result);
                    }
                }
            } finally {
                failover.end();
            }
        } catch (final Wait.TooLateException ex) {
            ChaosMain.say(out, "FAILED: " + ex.getMessage() + "; logs in " + place);
            summarize(results);
            return ExitCodes.INTERNAL;
        }
        summarize(results);
        ChaosMain.say(out, "results in " + file);
        return stop.isSet() ? ExitCodes.INTERRUPTED : ExitCodes.OK;
    }

    private FailoverTarget target(final Path place, final Leftovers leftovers)
        throws IOException, Wait.TooLateException {
        if (bootstrapServers != null) {
            return new ForeignTarget(bootstrapServers, pidCommand, startCommand);
        }
        final Path nodes = place.resolve("nodes");
        Leftovers.delete(nodes);
        Files.createDirectories(nodes);
        return new MillraceTarget(
            new ClusterSetup(nodes, ChaosMain.launcher(), false, 0, null, overrides), leftovers);
    }

    private void store(final Path file, final List<FailoverResult> results) throws IOException {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", "millrace-failover-1");
        document.put("target", bootstrapServers == null ? "millrace" : bootstrapServers);
        document.put("seed", seed);
        document.put("partitions", partitionCount);
        document.put("set", overrides);
        document.put("commit", System.getProperty("millrace.git.sha", "unknown"));
        document.put("ends", results);
        RunStore.replace(file, RunStore.MAPPER.writeValueAsBytes(document));
    }

    private void say(final FailoverResult result) {
        ChaosMain.say(out, String.format("%d: %s of node %d%s, led %d partitions: standstill %.0f ms (middle %.0f), "
            + "others %.0f ms, back in sync after %d ms", result.number(), result.kind(), result.victim(),
            result.wasMetadataLeader() ? " (led the metadata)" : "", result.ledPartitions(), result.standstillMs(),
            result.medianMs(), result.othersMs(), result.backMs()));
    }

    private void summarize(final List<FailoverResult> results) {
        final Predicate<FailoverResult> isKill = result -> FailoverResult.KILL.equals(result.kind());
        line(results, "kill -9", isKill);
        line(results, "  of leaders that did not lead the metadata", isKill.and(one -> !one.wasMetadataLeader()));
        line(results, "  of leaders that led the metadata, too", isKill.and(FailoverResult::wasMetadataLeader));
        line(results, "controlled shutdown", isKill.negate());
    }

    private void line(final List<FailoverResult> results, final String what, final Predicate<FailoverResult> which) {
        final double[] sorted = results.stream().filter(which).filter(result -> result.ledPartitions() > 0)
            .mapToDouble(FailoverResult::standstillMs).sorted().toArray();
        if (sorted.length > 0) {
            out.printf("%s: %d, standstill median %.0f ms, worst %.0f ms%n", what, sorted.length,
                (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2, sorted[sorted.length - 1]);
        }
    }
}
