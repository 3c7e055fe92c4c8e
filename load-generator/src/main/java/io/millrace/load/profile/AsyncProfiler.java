package io.millrace.load.profile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/**
 * async-profiler, where it is at hand: its library by the environment's {@code MILLRACE_ASYNC_PROFILER}, or its jar (or
 * ap-loader's) in the application's lib directory. It sees native code and system calls, too. It is loaded into running
 * JVMs, so it is no part of this class path. Stateless but for the library's path.
 *
 * @param library that JVMs load
 */
record AsyncProfiler(Path library) {
    private static final String VARIABLE = "MILLRACE_ASYNC_PROFILER";
    private static final Pattern JARS = Pattern.compile("(async-profiler|ap-loader).*\\.jar");

    /** {@return what is at hand; null if nothing is, or nothing for this machine} */
    static AsyncProfiler find() {
        final String named = System.getenv(VARIABLE);
        if (named != null) {
            return Files.isReadable(Path.of(named)) ? new AsyncProfiler(Path.of(named).toAbsolutePath()) : null;
        }
        final String home = System.getProperty("millrace.home");
        return home == null ? null : in(Path.of(home, "lib"));
    }

    static AsyncProfiler in(final Path directory) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (final Path file : files) {
                if (JARS.matcher(file.getFileName().toString()).matches()) {
                    return unpacked(file);
                }
            }
        } catch (final IOException ex) {
            return null;
        }
        return null;
    }

    /**
     * Begins in a JVM.
     *
     * @param processId of it
     * @param kind      what is sampled
     * @return null, or what went wrong
     */
    String start(final long processId, final ProfileKind kind) {
        return Jcmd.loadAgent(processId, library, "start,event=" + kind.word());
    }

    /**
     * Ends in a JVM and writes a page.
     *
     * @param processId of it
     * @param page      file
     * @return null, or what went wrong
     */
    String stop(final long processId, final Path page) {
        final String problem = Jcmd.loadAgent(processId, library, "stop,file=" + page.toAbsolutePath());
        return problem != null ? problem : Files.exists(page) ? null : "it wrote no page";
    }

    /**
     * Ends in a JVM, for nothing.
     *
     * @param processId of it
     */
    void discard(final long processId) {
        Jcmd.loadAgent(processId, library, "stop");
    }

    /** Either jar has a library for each system, in a directory or a file with the system's name. */
    private static AsyncProfiler unpacked(final Path jar) throws IOException {
        final boolean isArm = System.getProperty("os.arch").toLowerCase(Locale.ROOT).contains("aarch64");
        final String system = isArm ? "linux-arm64" : "linux-x64";
        try (JarFile packed = new JarFile(jar.toFile())) {
            final JarEntry entry = packed.stream().filter(e -> e.getName().contains(system)
                && e.getName().contains("libasyncProfiler") && e.getName().endsWith(".so")).findFirst().orElse(null);
            if (entry == null) {
                return null;
            }
            final Path library = Files.createTempFile("millrace-async-profiler", ".so");
            library.toFile().deleteOnExit();
            try (InputStream in = packed.getInputStream(entry)) {
                Files.copy(in, library, StandardCopyOption.REPLACE_EXISTING);
            }
            return new AsyncProfiler(library);
        }
    }
}
