package io.millrace.load.command;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.driver.Backend;
import io.millrace.load.run.BenchRun;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.profile.Profiling;
import io.millrace.load.run.HarnessFloor;
import io.millrace.load.run.IdleCheck;
import io.millrace.load.run.KafkaBackend;
import io.millrace.load.run.MillraceSystem;
import io.millrace.load.run.NullBackend;
import io.millrace.load.run.Progress;
import io.millrace.load.run.RunExtras;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunRefusedException;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.RunSetup;
import io.millrace.load.run.SharedRun;
import io.millrace.load.run.StopSignal;
import io.millrace.load.run.Target;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.load.worker.WorkerCrew;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.meter.MeterAgent;
import io.millrace.results.model.ResultsException;
import io.millrace.results.store.EnvironmentProbe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.SystemNanoClock;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * What both commands do around their runs: target, result directory, Ctrl-C, errors to exit codes. Main thread, but for
 * the shutdown hook.
 */
final class BenchSession {
    /** What is under way looks at the stop signal; this is for the longest waits of its end, one after another. */
    private static final long SHUTDOWN_GRACE_S = 180;
    private static final int MAX_NODES = 9;

    private final CommandLine commandLine;
    private final WorkloadOptions options;
    private final StopSignal stop = new StopSignal();
    private final Progress progress;
    private RunningTarget system;
    private String systemIdentity;
    private String systemStart;
    private boolean isStopFailed;
    private Profiling profiling;
    private IdleCheck idle;

    BenchSession(final CommandLine commandLine, final WorkloadOptions options) {
        this.commandLine = commandLine;
        this.options = options;
        this.progress = new Progress(System.err, options.quiet);
    }

    /** What a command does before what it started is stopped. */
    @FunctionalInterface
    interface Work {
        int run();
    }

    /**
     * Runs a command's work; every failure becomes a message and an exit code, and what was started is stopped.
     *
     * @param out      result directory
     * @param isResume true if there is something in it
     * @param work     what to do
     * @return exit code
     */
    int execute(final Path out, final boolean isResume, final Work work) {
        final CountDownLatch done = new CountDownLatch(1);
        final Thread hook = new Thread(() -> {
            stop.interrupt();
            try {
                if (!done.await(SHUTDOWN_GRACE_S, TimeUnit.SECONDS)) {
                    System.err.println("millrace: not everything ended within " + SHUTDOWN_GRACE_S + " s; what was "
                        + "started for the run may still be there");
                }
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }, "bench-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return explained(() -> {
                if (!isResume) {
                    checkDirectory(out);
                }
                return work.run();
            });
        } finally {
            done.countDown();
            removeHook(hook);
        }
    }

    StopSignal stop() {
        return stop;
    }

    Progress progress() {
        return progress;
    }

    /**
     * Sees to it that the system a workload needs is there.
     *
     * @param workload       names it
     * @param otherBootstrap another cluster than the command's, or null
     * @return true if it was started just now, so that nothing in it is warm
     */
    boolean prepare(final Workload workload, final String otherBootstrap) {
        final boolean isAddressed = bootstrap(workload, otherBootstrap) != null;
        final String name = systemOf(workload);
        final String identity = identityOf(workload);
        if ((isAddressed || MillraceSystem.NAME.equals(name))
            && !List.of("lean", "java", "null").contains(workload.driver())) {
            throw new WorkloadException("driver: value=" + workload.driver() + " is none of lean, java, null");
        }
        if (isAddressed && !"null".equals(workload.driver())) {
            Addresses.check(bootstrap(workload, otherBootstrap));
        }
        final boolean isStarting = !isAddressed && !"null".equals(workload.driver());
        final TargetSystem found = isStarting ? TargetSystem.all().stream().filter(s -> s.name().equals(name))
            .findFirst().orElseThrow(() -> new WorkloadException("target: value=" + name + " is none of "
                + TargetSystem.all().stream().map(TargetSystem::name).toList())) : null;
        before(workload, isAddressed ? bootstrap(workload, otherBootstrap) : null);
        if (!isStarting || system != null && identity.equals(systemIdentity)) {
            return false;
        }
        closeSystem(); // one at a time: another that idles would cost this one
        final boolean isShared = options.data != null && !MillraceSystem.NAME.equals(name);
        system = found.start(new TargetOptions(isShared ? options.data.resolve(name) : options.data,
            options.basePort, nodeCount(workload), settings(workload),
            profiling == null ? List.of() : profiling.jvmOptions(), agentOptions(), stop::isInterrupted),
            progress::say);
        systemIdentity = identity;
        systemStart = UUID.randomUUID().toString();
        return true;
    }

    /**
     * {@return what tells the system of a workload from others: its name, its nodes and its settings}
     *
     * @param workload names it
     */
    static String identityOf(final Workload workload) {
        return systemOf(workload) + " nodes=" + nodeCount(workload) + " " + settings(workload);
    }

    /** {@return what the machine did before the first run, for a reader; nothing before that} */
    Optional<String> idleWords() {
        return Optional.ofNullable(idle).map(IdleCheck::words);
    }

    /** What comes before the first run, while nothing else of this tool runs. */
    private void before(final Workload workload, final String address) {
        if (idle != null) {
            return;
        }
        final boolean hasDisk = !"null".equals(workload.driver())
            && (address == null || Addresses.areLoopback(address));
        idle = IdleCheck.run(IdleCheck.durationNs(workload.warmupNs() + workload.durationNs()),
            !hasDisk ? null : options.data != null ? options.data : Path.of(System.getProperty("user.home")));
        progress.say(idle.words());
        profiling = options.profiling();
        if (profiling != null) {
            profiling.open();
        }
    }

    /** Where this runs from classes, not from the application, there is no jar to be an agent. */
    private static List<String> agentOptions() {
        final Path agent = MeterAgent.jar();
        return agent == null ? List.of() : List.of("-javaagent:" + agent);
    }

    private static String systemOf(final Workload workload) {
        return workload.target().isEmpty() ? MillraceSystem.NAME : workload.target();
    }

    private static int nodeCount(final Workload workload) {
        final String text = workload.settings().get("nodes");
        if (!text.matches("[1-9]")) {
            throw new WorkloadException("nodes: value=" + text + " is out of bounds; use 1 to " + MAX_NODES);
        }
        return Integer.parseInt(text);
    }

    private static Map<String, String> settings(final Workload workload) {
        final Map<String, String> settings = new LinkedHashMap<>();
        for (final String entry : workload.settings().get("target-settings").split(";")) {
            final int equals = entry.indexOf('=');
            if (equals > 0) {
                settings.put(entry.substring(0, equals).trim(), entry.substring(equals + 1).trim());
            } else if (!entry.isBlank()) {
                throw new WorkloadException("target-settings: value=" + entry.trim() + " is not of the form key=value; "
                    + "several with semicolons, such as appendfsync=always; maxmemory=1gb");
            }
        }
        return settings;
    }

    /**
     * Runs one run.
     *
     * @param workload       what to send
     * @param otherBootstrap another cluster than the command's, checked; null for that one
     * @param identity       of the run
     * @return what became of it
     */
    RunReport run(final Workload workload, final String otherBootstrap, final RunIdentity identity) {
        if ("true".equals(workload.settings().get("restart-broker"))) {
            closeSystem();
        }
        prepare(workload, otherBootstrap);
        final Target target = target(workload, otherBootstrap, identity);
        final boolean isSystem = system != null && target.description().equals(system.description());
        final boolean isShared = !options.workers().isEmpty();
        final RunExtras extras = new RunExtras(isSystem ? system : null, isSystem ? system.durability() : null, null,
            isShared ? null : HarnessFloor.load(fingerprint()), profiling, idle,
            isSystem ? systemStart : startOf(target.brokerPids()));
        final RunSetup setup = new RunSetup(workload, target, identity, backend(workload, target, isSystem), progress,
            stop, SystemNanoClock.INSTANCE, SystemEpochClock.INSTANCE, extras);
        final RunReport report = isShared ? runShared(setup, isSystem) : new BenchRun(setup).execute();
        if (isSystem) {
            system.copyLogs(identity.directory().resolve("logs"));
        }
        return report;
    }

    /** The load comes from other processes. */
    private RunReport runShared(final RunSetup setup, final boolean isSystem) {
        if (isSystem && system.backend(SystemNanoClock.INSTANCE) != null) {
            throw new WorkloadException("target: value=" + setup.workload().target() + " cannot be reached from other "
                + "processes; leave --workers out");
        }
        try (WorkerCrew crew = new WorkerCrew(options.workers(), setup.workload(), setup.identity().runId(),
            options.isWorkersClockMeasured(), options.workerTimeoutNs(),
            profiling == null ? null : profiling.word())) {
            return new SharedRun(setup, crew).execute();
        }
    }

    /** {@return what tells this machine from others} */
    static String fingerprint() {
        return EnvironmentProbe.capture(null).fingerprint();
    }

    /** {@return the exact command line} */
    List<String> command() {
        CommandLine root = commandLine;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        final List<String> words = new ArrayList<>();
        words.add("millrace");
        if (root.getParseResult() != null) {
            words.addAll(root.getParseResult().originalArgs());
        }
        return words;
    }

    /** {@return the result directory asked for, or a new one named by the time} */
    Path outDirectory() {
        return options.out != null
            ? options.out
            : Path.of("bench-results",
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").format(LocalDateTime.now()));
    }

    private Target target(final Workload workload, final String otherBootstrap, final RunIdentity identity) {
        if ("null".equals(workload.driver())) {
            return new Target(null, "null driver", false, null);
        }
        final String bootstrap = bootstrap(workload, otherBootstrap);
        if (bootstrap == null) {
            return new Target(system.bootstrap(), system.description(), true, system.dataDir(), system.processIds());
        }
        Addresses.check(bootstrap);
        if (otherBootstrap == null) {
            checkBrokerPids();
        }
        return new Target(bootstrap, bootstrap, Addresses.areLoopback(bootstrap),
            options.data != null ? options.data : identity.directory(),
            otherBootstrap == null ? List.copyOf(options.brokerPids) : List.of());
    }

    private String bootstrap(final Workload workload, final String otherBootstrap) {
        return otherBootstrap != null ? otherBootstrap
            : options.bootstrapServer != null ? options.bootstrapServer : workload.bootstrap();
    }

    /**
     * {@return what tells brokers that somebody else started from another start of them; null if they were not named}
     *
     * @param brokerPids processes of all of them
     */
    static String startOf(final List<Long> brokerPids) {
        return brokerPids.isEmpty() ? null : brokerPids.stream().sorted().map(pid -> pid + "@" + ProcessStart.of(pid))
            .collect(Collectors.joining(" ", "", " of " + ProcessStart.bootId()));
    }

    /** A cluster that cannot be stopped must not hide what the run came to. */
    void closeSystem() {
        if (system == null) {
            return;
        }
        final RunningTarget closing = system;
        system = null;
        try {
            closing.close();
        } catch (final RuntimeException ex) {
            isStopFailed = true;
            commandLine.getErr().println("millrace: " + ex.getMessage());
        }
    }

    private void checkBrokerPids() {
        for (final long pid : options.brokerPids) {
            if (ProcessHandle.of(pid).isEmpty()) {
                throw new WorkloadException("broker-pids: value=" + pid + " is no process of this machine; name those "
                    + "of the brokers, or leave the option out");
            }
        }
    }

    private static void checkDirectory(final Path out) {
        try (Stream<Path> content = Files.exists(out) ? Files.list(out) : Stream.empty()) {
            if (content.findAny().isPresent()) {
                throw new WorkloadException("out: value=" + out + " is not empty, and results are never overwritten; "
                    + "name another directory");
            }
        } catch (final IOException ex) {
            throw new WorkloadException("out: value=" + out + " cannot be used: " + ex + "; name another directory");
        }
    }

    private Backend backend(final Workload workload, final Target target, final boolean isSystem) {
        if ("null".equals(workload.driver())) {
            return new NullBackend(SystemNanoClock.INSTANCE);
        }
        final Backend own = isSystem ? system.backend(SystemNanoClock.INSTANCE) : null;
        if (own != null) {
            return own;
        }
        if (!List.of("lean", "java").contains(workload.driver())) {
            throw new WorkloadException("driver: value=" + workload.driver() + " is none of lean, java, null");
        }
        return new KafkaBackend(target.bootstrap(), SystemNanoClock.INSTANCE);
    }

    private int explained(final Work work) {
        final PrintWriter err = commandLine.getErr();
        try {
            final int exitCode;
            try {
                exitCode = work.run();
            } finally {
                closeSystem();
                if (profiling != null) {
                    profiling.close();
                }
            }
            return isStopFailed ? ExitCodes.worse(exitCode, ExitCodes.INTERNAL) : exitCode;
        } catch (final WorkloadException ex) {
            throw new ParameterException(commandLine, ex.getMessage(), ex);
        } catch (final RunRefusedException ex) {
            err.println("millrace: " + ex.getMessage());
            return stop.isInterrupted() ? ExitCodes.INTERRUPTED : ex.exitCode();
        } catch (final TargetUnreachableException ex) {
            err.println("millrace: " + ex.getMessage());
            return stop.isInterrupted() ? ExitCodes.INTERRUPTED : ExitCodes.UNREACHABLE;
        } catch (final TargetRefusedException ex) {
            err.println("millrace: the cluster refuses: " + ex.getMessage());
            return ExitCodes.USAGE;
        } catch (final ResultsException ex) {
            err.println("millrace: " + ex.getMessage());
            return ExitCodes.INTERNAL;
        }
    }

    private static void removeHook(final Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException ex) {
            // The process is going down already: the hook is what keeps it until here.
            return;
        }
    }
}
