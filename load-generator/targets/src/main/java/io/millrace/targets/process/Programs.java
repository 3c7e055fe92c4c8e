package io.millrace.targets.process;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Finds programs of this machine; no state. */
public final class Programs {
    /** Where Debian keeps servers, which is not on everybody's path. */
    private static final List<String> MORE = List.of("/usr/sbin", "/usr/local/bin", "/usr/bin");
    private static final long VERSION_TIMEOUT_S = 20;

    private Programs() {
    }

    /**
     * {@return the program, or null if it is not there}
     *
     * @param name of its file
     */
    public static Path find(final String name) {
        final String path = System.getenv("PATH");
        return Stream.concat(
                path == null ? Stream.empty() : Stream.of(path.split(File.pathSeparator)), MORE.stream())
            .filter(directory -> !directory.isEmpty()).map(directory -> Path.of(directory, name))
            .filter(file -> Files.isExecutable(file) && !Files.isDirectory(file)).findFirst().orElse(null);
    }

    /**
     * {@return the program; throws with the remedy if it is not there}
     *
     * @param name     of its file
     * @param packages of Debian that have it
     */
    public static Path require(final String name, final String packages) {
        final Path found = find(name);
        if (found == null) {
            throw new TargetUnreachableException(name + " was not found on PATH or in /usr/sbin; on Debian "
                + "or Ubuntu: apt-get install " + packages, null);
        }
        return found;
    }

    /**
     * {@return what a program prints, first line, for the result; "unknown" if it prints nothing}
     *
     * @param command the program and its words
     */
    public static String firstLine(final String... command) {
        try {
            final Process process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))).start();
            final String text = new String(process.getInputStream().readNBytes(1 << 12), StandardCharsets.UTF_8);
            if (!process.waitFor(VERSION_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            return text.isBlank() ? "unknown" : text.strip().lines().findFirst().orElse("unknown");
        } catch (final IOException ex) {
            return "unknown";
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
