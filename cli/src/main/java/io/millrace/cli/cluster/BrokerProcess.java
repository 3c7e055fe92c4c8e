package io.millrace.cli.cluster;

import io.millrace.cli.exit.UserError;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts one broker as a process of its own that outlives this one. */
final class BrokerProcess {
    /** What the launcher passes: the command that runs Millrace. */
    static final String COMMAND_PROPERTY = "millrace.command";
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
        command.add(millraceCommand());
        command.add("broker");
        command.add(layout.propertiesFile(nodeId).toString());
        final Path log = layout.logFile(nodeId);
        Files.writeString(log, "", java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
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

    /** {@return the last lines of a log, from a position on} */
    static List<String> tail(final Path log, final long fromPosition, final int lineCount) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            final long start = Math.max(Math.min(fromPosition, file.length()), file.length() - TAIL_LENGTH);
            final byte[] bytes = new byte[(int) (file.length() - start)];
            file.seek(start);
            file.readFully(bytes);
            final List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return lines.subList(Math.max(0, lines.size() - lineCount), lines.size());
        } catch (final IOException ex) {
            return List.of("(cannot read " + log + ": " + ex.getMessage() + ")");
        }
    }
}
