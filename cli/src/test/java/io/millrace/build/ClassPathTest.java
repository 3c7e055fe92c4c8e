package io.millrace.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No class twice; the one exception is Agrona, which aeron-all bundles and which therefore must be the same bytes. */
class ClassPathTest {
    private static final int FEWEST_AGRONA_CLASSES = 100;

    @Test
    void shouldHoldEachClassOnceWhenTheClassPathIsSearched() throws IOException {
        final Map<String, Path> places = new HashMap<>();
        final List<String> twice = new ArrayList<>();
        for (final Path entry : entries()) {
            for (final String name : classNames(entry)) {
                final Path other = places.putIfAbsent(name, entry);
                if (other != null) {
                    twice.add(name + " in " + other.getFileName() + " and " + entry.getFileName());
                }
            }
        }
        assertEquals(List.of(), twice);
        assertFalse(places.isEmpty());
    }

    @Test
    void shouldShipAeronAllOnlyWhenAssembled() throws IOException {
        final List<String> jars = entries().stream().map(entry -> entry.getFileName().toString()).toList();
        assertEquals(1, jars.stream().filter(jar -> jar.startsWith("aeron-")).count(), jars.toString());
        assertTrue(jars.stream().noneMatch(jar -> jar.startsWith("agrona-")), jars.toString());
    }

    @Test
    void shouldShipNothingOfTheBenchmarksWhenAssembled() throws IOException {
        assertEquals(List.of(), entries().stream().map(entry -> entry.getFileName().toString())
            .filter(jar -> jar.matches("(chronicle|jmh|jctools|affinity|jna).*\\.jar")).toList());
    }

    @Test
    void shouldBeTheSameBytesWhenAgronaIsBundledInAeron() throws IOException {
        final Path agrona = pinnedAgrona();
        final Path aeron = entries().stream().filter(entry -> entry.getFileName().toString().startsWith("aeron-all"))
            .findFirst().orElseThrow();
        final List<String> different = new ArrayList<>();
        int compared = 0;
        try (JarFile pinned = new JarFile(agrona.toFile()); JarFile bundled = new JarFile(aeron.toFile())) {
            for (final JarEntry entry : (Iterable<JarEntry>) pinned.stream()::iterator) {
                if (!entry.getName().startsWith("org/agrona/") || !entry.getName().endsWith(".class")) {
                    continue;
                }
                compared++;
                final JarEntry other = bundled.getJarEntry(entry.getName());
                if (other == null) {
                    different.add(entry.getName() + " is missing");
                } else if (!Arrays.equals(bytes(pinned, entry), bytes(bundled, other))) {
                    different.add(entry.getName() + " differs");
                }
            }
        }
        assertEquals(List.of(), different, agrona.getFileName() + " against " + aeron.getFileName()
            + ": aeron.version and agrona.version in pom.xml must move together");
        assertTrue(compared > FEWEST_AGRONA_CLASSES, "compared only " + compared);
    }

    private static byte[] bytes(final JarFile jar, final JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static Path pinnedAgrona() throws IOException {
        final Path directory = SourceTree.root().resolve("cli/target/pinned");
        try (Stream<Path> files = Files.list(directory)) {
            final List<Path> jars = files.filter(file -> file.getFileName().toString().startsWith("agrona-")).toList();
            assertEquals(1, jars.size(), "in " + directory + ": " + jars);
            return jars.get(0);
        }
    }

    private static List<Path> entries() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of).filter(Files::exists).distinct().toList();
    }

    private static List<String> classNames(final Path entry) throws IOException {
        final List<String> names;
        if (Files.isDirectory(entry)) {
            try (Stream<Path> files = Files.walk(entry)) {
                names = files.map(file -> entry.relativize(file).toString()).toList();
            }
        } else {
            try (JarFile jar = new JarFile(entry.toFile())) {
                names = jar.stream().map(JarEntry::getName).toList();
            }
        }
        return names.stream().filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/")
            && !name.endsWith("module-info.class")).distinct().toList();
    }
}
