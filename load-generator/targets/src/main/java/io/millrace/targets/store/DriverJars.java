package io.millrace.targets.store;

import io.millrace.load.driver.TargetUnreachableException;
import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Loads a library's driver with all it needs from a directory of its own, into a class loader of its own. */
public final class DriverJars {
    /** The directory of all drivers, for a build that is not assembled. */
    public static final String DIRECTORY_PROPERTY = "millrace.drivers";

    private DriverJars() {
    }

    /**
     * {@return the library; its class loader stays for the life of this process}
     *
     * @param name of the system and of its directory
     */
    public static LaneStore load(final String name) {
        final Path directory = directory(name);
        final List<URL> jars = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.jar")) {
                for (final Path file : files) {
                    jars.add(url(file));
                }
            } catch (final IOException ex) {
                throw new TargetUnreachableException("cannot read " + directory, ex);
            }
        }
        if (jars.isEmpty()) {
            throw new TargetUnreachableException("the driver of target " + name + " is not in " + directory
                + "; build the application with: mvn package -DskipTests", null);
        }
        final URLClassLoader loader =
            new URLClassLoader(name, jars.toArray(URL[]::new), LaneStore.class.getClassLoader());
        return ServiceLoader.load(LaneStore.class, loader).findFirst().orElseThrow(() ->
            new TargetUnreachableException("no driver of target " + name + " in the jars of " + directory
                + "; build the application anew with: mvn package -DskipTests", null));
    }

    private static Path directory(final String name) {
        final String drivers = System.getProperty(DIRECTORY_PROPERTY);
        return drivers != null ? Path.of(drivers, name)
            : Path.of(System.getProperty("millrace.home", "."), "lib" + File.separator + "drivers", name);
    }

    private static URL url(final Path file) {
        try {
            return file.toUri().toURL();
        } catch (final MalformedURLException ex) {
            throw new IllegalStateException("every file has an address", ex);
        }
    }
}
