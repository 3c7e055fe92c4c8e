package io.millrace.broker.command;

import io.millrace.engine.io.FileProblems;
import io.millrace.transport.counters.CountersFinder;
import io.millrace.transport.counters.CountersView;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.CloseHelper;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.SystemEpochClock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the counters of running nodes. Owned by the main thread. */
@Command(
    name = "counters",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
        "Print what nodes of this machine count while they run: longest write call, sync and duty cycle, processor "
            + "time and allocation by thread, rings, network, shards.",
        "Of a maximum, 'lately' is the largest of the last eight seconds."},
    footerHeading = "%nExit codes:%n",
    footer = {
        "  0    printed",
        "  1    no counters there, or a file that is none",
        "  2    bad option",
        "",
        "Examples:",
        "  millrace counters                            every node of this machine",
        "  millrace counters --data-dir /var/tmp/millrace",
        "  millrace counters 4711 --watch 1 --filter engine"})
public final class CountersCommand implements Callable<Integer> {
    private static final int EXIT_FAILED = 1;
    private static final int MAX_WATCH_S = 3_600;
    private static final int SHORTEST_LABEL = 20;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "PID", description = "Processes of nodes (default: every node that keeps "
        + "its counters in /dev/shm).")
    private List<Long> pids = new ArrayList<>();

    @Option(names = "--data-dir", paramLabel = "DIR",
        description = "A node's data directory (log.dirs), or the directory of a local cluster.")
    private Path directory;

    @Option(names = "--watch", arity = "0..1", fallbackValue = "1", paramLabel = "SECONDS",
        description = "Print again every so many seconds (1 without a number), with the change since the last time, "
            + "until Ctrl-C.")
    private int watchS;

    @Option(names = "--filter", paramLabel = "TEXT", description = "Only counters whose label contains this.")
    private String filter = "";

    @Option(names = "--all", description = "Counters that are zero too.")
    private boolean all;

    private final EpochClock clock = SystemEpochClock.INSTANCE;

    /** Picocli makes the instance. */
    public CountersCommand() {
    }

    @Override
    public Integer call() {
        if (watchS < 0 || watchS > MAX_WATCH_S) {
            throw new ParameterException(spec.commandLine(), "--watch: value=" + watchS + " must be from 1 to "
                + MAX_WATCH_S + " seconds");
        }
        if (directory != null && !pids.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "Name either --data-dir or processes, not both.");
        }
        final List<CountersView> views = new ArrayList<>();
        try {
            final boolean areAllGood = open(files(), views);
            print(views);
            return areAllGood ? 0 : EXIT_FAILED;
        } catch (final IOException ex) {
            spec.commandLine().getErr().println("millrace: " + FileProblems.describe(ex));
            return EXIT_FAILED;
        } finally {
            CloseHelper.closeAll(views);
        }
    }

    /** One bad file must not hide the others. */
    private boolean open(final Set<Path> files, final List<CountersView> views) {
        for (final Path path : files) {
            try {
                views.add(CountersView.open(path));
            } catch (final IOException ex) {
                spec.commandLine().getErr().println("millrace: " + FileProblems.describe(ex));
            }
        }
        return views.size() == files.size();
    }

    private Set<Path> files() throws IOException {
        final Set<Path> files = new LinkedHashSet<>();
        for (final long pid : pids) {
            files.add(CountersFinder.ofProcess(pid).orElseThrow(() -> new IOException("process " + pid
                + " has no counters that can be read: it has ended, is no Millrace node, or belongs to another "
                + "user")));
        }
        if (directory != null) {
            files.addAll(CountersFinder.inDirectory(directory));
        } else if (pids.isEmpty()) {
            files.addAll(CountersFinder.all());
        }
        if (files.isEmpty()) {
            throw new IOException("no counters found " + (directory == null ? "in /dev/shm" : "below " + directory)
                + ": no node runs there; name a node's process, or its data directory with --data-dir");
        }
        return files;
    }

    private void print(final List<CountersView> views) {
        final PrintWriter out = spec.commandLine().getOut();
        final Map<String, Long> before = new HashMap<>();
        boolean isFirst = true;
        do {
            if (!isFirst) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(watchS));
            }
            for (final CountersView view : views) {
                print(view, isFirst ? null : before, out);
                remember(view, before);
            }
            out.flush();
            isFirst = false;
        } while (watchS > 0 && !out.checkError() && views.stream().anyMatch(CountersView::isLive));
    }

    private void print(final CountersView view, final Map<String, Long> before, final PrintWriter out) {
        final long nowMs = clock.time();
        out.printf(Locale.ROOT, "node %d, pid %d, %s, %s%n", view.nodeId(), view.pid(),
            view.isLive() ? "up " + TimeUnit.MILLISECONDS.toSeconds(nowMs - view.startedMs()) + " s"
                : "ended; its last values", view.path());
        final List<CountersView.Entry> shown = view.entries(nowMs).stream()
            .filter(entry -> (all || entry.value() != 0) && entry.label().contains(filter)).toList();
        final int width = shown.stream().mapToInt(entry -> entry.label().length()).max().orElse(SHORTEST_LABEL);
        out.printf("  %-" + width + "s %20s %20s%n", "", "value", before == null ? "lately" : "change or lately");
        for (final CountersView.Entry entry : shown) {
            final Long earlier = before == null ? null : before.get(key(view, entry));
            out.printf(Locale.ROOT, "  %-" + width + "s %,20d %20s%n", entry.label(), entry.value(),
                entry.isPeak() ? lately(entry.lately())
                    : earlier == null ? "" : String.format(Locale.ROOT, "%+,d", entry.value() - earlier));
        }
    }

    private static String lately(final long value) {
        return value < 0 ? "-" : String.format(Locale.ROOT, "%,d", value);
    }

    private void remember(final CountersView view, final Map<String, Long> before) {
        view.entries(clock.time()).forEach(entry -> before.put(key(view, entry), entry.value()));
    }

    private static String key(final CountersView view, final CountersView.Entry entry) {
        return view.path() + " " + entry.label();
    }
}
