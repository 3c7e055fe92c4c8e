package io.millrace.cli;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a main class of the test code in a process of its own: the application does not carry it, the launcher of the
 * source tree builds it and passes its class path. Owned by the main thread.
 */
final class TestCode {
    private static final int FIRST_STRICT_JAVA = 24;

    private final String what;
    private final String classPathVariable;
    private final String mainClass;
    private final long graceS;
    private final List<String> javaOptions;

    /**
     * Describes it.
     *
     * @param what              in words, in the plural
     * @param classPathVariable of the environment, set by the launcher of the source tree
     * @param mainClass         to run
     * @param graceS            how long it may take to end when this process is told to
     * @param javaOptions       heap and the like
     */
    TestCode(final String what, final String classPathVariable, final String mainClass, final long graceS,
        final String... javaOptions) {
        this.what = what;
        this.classPathVariable = classPathVariable;
        this.mainClass = mainClass;
        this.graceS = graceS;
        this.javaOptions = List.of(javaOptions);
    }

    /** {@return its exit code} */
    int run(final String commandName, final List<String> arguments) throws IOException, InterruptedException {
        final String classPath = System.getenv(classPathVariable);
        if (classPath == null) {
            throw new UserError("the " + what + " are test code, which the application does not carry",
                "Run ./millrace " + commandName + " in the source tree, which builds them.");
        }
        final List<String> command = new ArrayList<>();
        command.add(ChildProcess.java());
        command.addAll(javaOptions);
        command.addAll(List.of("--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "--add-opens", "java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= FIRST_STRICT_JAVA) {
            command.add("--sun-misc-unsafe-memory-access=allow");
        }
        for (final String property : List.of("millrace.command", "millrace.git.sha", "millrace.git.dirty")) {
            command.add("-D" + property + "=" + System.getProperty(property, "unknown"));
        }
        command.addAll(List.of("-cp", classPath, mainClass));
        command.addAll(arguments);
        final int exitCode = ChildProcess.run(new ProcessBuilder(command), graceS, () -> { });
        return exitCode == ChildProcess.GOING_DOWN ? ExitCodes.INTERRUPTED : exitCode;
    }
}
