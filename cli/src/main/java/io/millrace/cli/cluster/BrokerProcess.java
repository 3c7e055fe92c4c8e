package io.millrace.cli.cluster;

import io.millrace.cli.exit.UserError;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts one broker as a process of its own that outlives this one, below a keeper: a shell that starts the broker
 * again when it asks for it, because the machine paused it for longer than its Aeron client allows. The keeper is what
 * cluster.json records; it ends with its broker otherwise. Signals go to the broker.
 */
final class BrokerProcess {
    /** Exit code with which a broker asks to be started again. */
    static final int RESTART_EXIT_CODE = 75;
    private static final String KEEPER = "while :; do \"$0\" \"$@\"; code=$?; [ $code -eq " + RESTART_EXIT_CODE
        + " ] || exit $code; echo \"the broker ended after a pause of the machine; starting it again\"; sleep 1; done";

    /** What the launcher passes: the command that runs Millrace. */
    static final String COMMAND_PROPERTY = "millrace.command";
    private static final long KILL_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long KILL_POLL_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int TAIL_LENGTH = 16 * 1024;

    private BrokerProcess() {
    }

    static Process start(final ClusterLayout layout, final int nodeId) throws IOException {
        final List<String> command = new ArrayList<>();
        final Path setsid = Path.of("/usr/bin/setsid");
        if (Files.isExecutable(setsid)) {
            // out of this terminal's process group, so that Ctrl-C and hang-ups do not reach the broker
            command.add(setsid.toString());
        }
        command.addAll(List.of("/bin/sh", "-c", KEEPER, millraceCommand(), "broker"));
        command.add(layout.propertiesFile(nodeId).toString());
        final Path log = layout.logFile(nodeId);
        Files.writeString(log, "", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new ProcessBuilder(command)
            .directory(layout.nodeDirectory(nodeId).toFile())
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    }

    private static String millraceCommand() {
        final String command = System.getProperty(COMMAND_PROPERTY);
        if (command == null || !Files.isExecutable(Path.of(command))) {
            throw new UserError("no command to start brokers with: " + COMMAND_PROPERTY + "=" + command,
                "Start Millrace through its launcher (./millrace), which passes it.");
        }
        return command;
    }

    /** {@return the broker's own process below its keeper; empty while there is none, which is not for long} */
    static Optional<ProcessHandle> broker(final ProcessHandle keeper) {
        return keeper.children().findFirst();
    }

    /** {@return the broker's own pid, the keeper's while there is none} */
    static long pid(final long keeperPid) {
        return ProcessHandle.of(keeperPid).flatMap(BrokerProcess::broker).map(ProcessHandle::pid).orElse(keeperPid);
    }

    /** Ends keeper and broker at once, the keeper first, so that it does not start another one. */
    static void kill(final ProcessHandle keeper) {
        final List<ProcessHandle> below = keeper.descendants().toList();
        keeper.destroyForcibly();
        below.forEach(ProcessHandle::destroyForcibly);
        final long deadlineNs = System.nanoTime() + KILL_TIMEOUT_NS;
        while (below.stream().anyMatch(process -> ProcessIdentity.token(process.pid()).isPresent())
            && System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(KILL_POLL_INTERVAL_NS);
        }
    }

    /** {@return the last lines of a log, from a position on} */
    static List<String> tail(final Path log, final long fromPosition, final int lineCount) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            final long start = Math.max(Math.min(fromPosition, file.length()), file.length() - TAIL_LENGTH);
            final byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            final List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines()
                .filter(line -> !line.startsWith("\tat ")).toList(); // what happened, not where in the code
            return lines.subList(Math.max(0, lines.size() - lineCount), lines.size());
        } catch (final IOException ex) {
            return List.of("(cannot read " + log + ": " + ex.getMessage() + ")");
        }
    }
}
