package io.millrace.system.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.stream.Stream;

/**
 * What a run has outside of its directory: processes, networks, mounts, shared memory. Noted in a file before use, so
 * that the next run takes away what a killed one left. Any thread notes; the main thread takes away.
 */
final class Leftovers implements AutoCloseable {
    /** What there is. */
    enum Kind {
        /** Pid and start time. */
        PROCESS,
        /** Network namespace. */
        NAMESPACE,
        /** Network link of the machine. */
        LINK,
        /** Mounted file system. */
        MOUNT,
        /** Directory in shared memory. */
        DIRECTORY
    }

    private static final int START_TIME_INDEX = 19;
    private static final long KILL_TIMEOUT_S = 30;
    private static final int DELETE_TRIES = 20;

    private final Path file;
    private final Deque<String> notes = new ArrayDeque<>();

    private Leftovers(final Path file) {
        this.file = file;
    }

    /** {@return a new list, after what an earlier run left has been taken away} */
    static Leftovers open(final Path file) throws IOException {
        final Leftovers leftovers = new Leftovers(file);
        if (Files.exists(file)) {
            Files.readAllLines(file).forEach(leftovers.notes::push);
            leftovers.close();
        }
        return leftovers;
    }

    synchronized void note(final Kind kind, final String name) throws IOException {
        final String line = kind + " " + name;
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        notes.push(line);
    }

    void noteProcess(final long pid) throws IOException {
        note(Kind.PROCESS, pid + " " + startTime(pid));
    }

    @Override
    public synchronized void close() throws IOException {
        while (!notes.isEmpty()) {
            takeAway(notes.pop());
        }
        Files.deleteIfExists(file);
    }

    private static void takeAway(final String line) {
        final String[] words = line.split(" ");
        try {
            switch (Kind.valueOf(words[0])) {
                case PROCESS -> kill(Long.parseLong(words[1]), words[2]);
                case NAMESPACE -> Shell.run("ip", "netns", "del", words[1]);
                case LINK -> Shell.run("ip", "link", "del", "dev", words[1]);
                case MOUNT -> Shell.run("umount", "-l", words[1]);
                case DIRECTORY -> delete(Path.of(words[1]));
                default -> throw new IllegalArgumentException(line);
            }
        } catch (final IOException | Wait.TooLateException ex) {
            if (!ex.toString().contains("No such file") && !ex.toString().contains("Cannot find device")
                && !ex.toString().contains("not mounted") && !ex.toString().contains("no mount point")) {
                System.out.println("[chaos] left behind: " + line + ": " + ex.getMessage());
            }
        }
    }

    private static void kill(final long pid, final String startTime) throws Wait.TooLateException {
        final ProcessHandle process = ProcessHandle.of(pid).orElse(null);
        if (process != null && startTime(pid).equals(startTime)) {
            process.destroyForcibly();
            Wait.until(KILL_TIMEOUT_S, () -> "end of pid " + pid,
                () -> !process.isAlive() || !startTime(pid).equals(startTime));
        }
    }

    static String startTime(final long pid) {
        try {
            final String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return text.substring(text.lastIndexOf(')') + 2).split(" ")[START_TIME_INDEX];
        } catch (final IOException gone) {
            return "gone";
        }
    }

    /** {@return the process's state as the kernel shows it, ? when it is gone} */
    static char processState(final long pid) {
        try {
            final String text = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return text.charAt(text.lastIndexOf(')') + 2);
        } catch (final IOException gone) {
            return '?';
        }
    }

    /** Removes a directory with all that is in it, also while something in it vanishes by itself. */
    static void delete(final Path directory) throws IOException {
        IOException last = null;
        for (int i = 0; i < DELETE_TRIES && Files.exists(directory); i++) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            } catch (final IOException ex) {
                last = ex;
            } catch (final UncheckedIOException ex) {
                last = ex.getCause();
            }
        }
        if (Files.exists(directory) && last != null) {
            throw last;
        }
    }
}
