package io.millrace.load.command;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.run.Backend;
import io.millrace.load.run.BenchRun;
import io.millrace.load.run.ClusterProcess;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.run.KafkaBackend;
import io.millrace.load.run.NullBackend;
import io.millrace.load.run.Progress;
import io.millrace.load.run.RunIdentity;
import io.millrace.load.run.RunRefusedException;
import io.millrace.load.run.RunReport;
import io.millrace.load.run.StopSignal;
import io.millrace.load.run.Target;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadException;
import io.millrace.results.model.ResultsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private static final long SHUTDOWN_GRACE_S = 30;

    private final CommandLine commandLine;
    private final WorkloadOptions options;
    private final StopSignal stop = new StopSignal();
    private final Progress progress;
    private ClusterProcess cluster;
    private Target target;

    BenchSession(final CommandLine commandLine, final WorkloadOptions options) {
        this.commandLine = commandLine;
        this.options = options;
        this.progress = new Progress(System.err, options.quiet);
    }

    /** What a command does between the opening and the closing of the target. */
    @FunctionalInterface
    interface Work {
        int run();
    }

    /**
     * Runs a command's work with the target open; every failure becomes a message and an exit code.
     *
     * @param needsTarget false for the null driver
     * @param out         result directory
     * @param work        what to do
     * @return exit code
     */
    int execute(final boolean needsTarget, final Path out, final Work work) {
        final CountDownLatch done = new CountDownLatch(1);
        final Thread hook = new Thread(() -> {
            stop.interrupt();
            try {
                done.await(SHUTDOWN_GRACE_S, TimeUnit.SECONDS);
            } catch (final InterruptedException ex) {
                Thread.currentThread().interrupt();
            }
        }, "bench-interrupt");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return explained(() -> inTarget(needsTarget, out, work));
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

    /** {@return true if the cluster was started for this command, so that nothing in it is warm} */
    boolean isClusterFresh() {
        return cluster != null;
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
        final Target runTarget = otherBootstrap == null
            ? target : remoteTarget(otherBootstrap, identity.directory(), List.of());
        final RunReport report = new BenchRun(workload, runTarget, identity, backend(workload, runTarget), progress,
            stop, SystemNanoClock.INSTANCE, SystemEpochClock.INSTANCE).execute();
        if (cluster != null) {
            cluster.copyLogs(identity.directory().resolve("logs"));
        }
        return report;
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

    private int inTarget(final boolean needsTarget, final Path out, final Work work) {
        checkDirectory(out);
        if (!needsTarget) {
            target = new Target(null, "null driver", false, null);
            return work.run();
        }
        if (options.bootstrapServer != null) {
            Addresses.check(options.bootstrapServer);
            checkBrokerPids();
            target = remoteTarget(options.bootstrapServer, out, options.brokerPids);
            return work.run();
        }
        progress.say("starting a local cluster of three brokers");
        cluster = ClusterProcess.start(options.data, options.basePort);
        int exitCode = ExitCodes.INTERNAL;
        try {
            target = new Target(cluster.bootstrap(), "local cluster of 3 brokers", true, cluster.dataDir());
            exitCode = work.run();
        } finally {
            if (!isStopped(cluster)) {
                exitCode = ExitCodes.worse(exitCode, ExitCodes.INTERNAL);
            }
        }
        return exitCode;
    }

    private Target remoteTarget(final String bootstrap, final Path out, final List<Long> brokerPids) {
        return new Target(bootstrap, bootstrap, Addresses.areLoopback(bootstrap),
            options.data != null ? options.data : out, List.copyOf(brokerPids));
    }

    /** A cluster that cannot be stopped must not hide what the run came to. */
    private boolean isStopped(final ClusterProcess running) {
        try {
            running.close();
            return true;
        } catch (final RuntimeException ex) {
            commandLine.getErr().println("millrace: " + ex.getMessage());
            return false;
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

    private static Backend backend(final Workload workload, final Target target) {
        return switch (workload.driver()) {
            case "lean", "java" -> new KafkaBackend(target.bootstrap(), SystemNanoClock.INSTANCE);
            case "null" -> new NullBackend(SystemNanoClock.INSTANCE);
            default -> throw new WorkloadException("driver: value=" + workload.driver() + " is none of lean, java, "
                + "null");
        };
    }

    private int explained(final Work work) {
        final PrintWriter err = commandLine.getErr();
        try {
            return work.run();
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
