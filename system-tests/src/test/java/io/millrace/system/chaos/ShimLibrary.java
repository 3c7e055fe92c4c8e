package io.millrace.system.chaos;

import io.millrace.engine.damage.ShimControl;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Builds the library that lets writes fail. */
final class ShimLibrary {
    private ShimLibrary() {
    }

    /** {@return why it cannot be built, or null} */
    static String whyNot() {
        return Shell.isThere("gcc") ? null : "gcc is missing (apt-get install gcc libc6-dev)";
    }

    static Path build(final Path directory) throws IOException {
        final Path source = directory.resolve("fault-shim.c");
        try (InputStream code = ShimControl.class.getResourceAsStream("fault-shim.c")) {
            Files.copy(code, source, StandardCopyOption.REPLACE_EXISTING);
        }
        final Path library = directory.resolve("fault-shim.so").toAbsolutePath();
        Shell.run("gcc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O2", "-o", library.toString(),
            source.toString(), "-ldl");
        return library;
    }
}
