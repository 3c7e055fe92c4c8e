package io.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.results.model.RunStatus;
import io.millrace.results.store.ExperimentReader;
import io.millrace.results.store.JmhRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** With a shell script in JMH's place. */
@Timeout(600)
class JmhCommandTest {
    @TempDir
    private Path directory;
    private final StringWriter out = new StringWriter();

    @Test
    void shouldKeepResultCommandAndEnvironmentWhenJmhEndsWell() throws Exception {
        assertEquals(0, run("echo '[]' > \"$MILLRACE_JMH_RESULT\"", "RingToFile", "-p", "length=1,2", "-prof", "gc",
            "-jvmArgsAppend", "-Xmx1g -Da=b", "-rf", "csv"));
        final JmhRun run = read();
        assertEquals(RunStatus.OK, run.status());
        assertEquals(List.of("millrace", "jmh", "RingToFile", "-p", "length=1,2", "-prof", "gc", "-jvmArgsAppend",
            "-Xmx1g -Da=b", "-rf", "csv"), run.document().command());
        assertFalse(run.document().env().cpu().isEmpty());
        assertTrue(out.toString().contains("millrace report " + result()), out.toString());
    }

    @Test
    void shouldPassEveryArgumentOnWhenTheyAreJmhs() throws Exception {
        assertEquals(0, run("printf '%s|' \"$@\" > " + directory + "/args", "-h", "-l", "x.*y", "-jvmArgs", "-Xmx1g"));
        assertEquals("-h|-l|x.*y|-jvmArgs|-Xmx1g|", Files.readString(directory.resolve("args")));
    }

    @Test
    void shouldLeaveNothingBehindWhenJmhHadNothingToRun() throws Exception {
        assertEquals(0, run("true", "-l"));
        assertFalse(Files.exists(result()));
        assertEquals(1, run("exit 1", "--nonsense"));
        assertFalse(Files.exists(result()));
    }

    @Test
    void shouldMarkTheRunFailedWhenJmhFails() throws Exception {
        assertEquals(1, run("echo '[]' > \"$MILLRACE_JMH_RESULT\"; exit 1", "x"));
        assertEquals(RunStatus.FAILED, read().status());
    }

    @Test
    void shouldRefuseADirectoryThatIsNotEmpty() throws IOException {
        Files.createDirectories(result());
        Files.writeString(result().resolve("mine"), "");
        final StringWriter err = new StringWriter();
        final CommandLine command = Main.commandLine().setErr(new PrintWriter(err, true));
        command.addSubcommand("jmh-script", scripted("true"));
        command.getSubcommands().get("jmh-script").setErr(new PrintWriter(err, true));
        assertEquals(ExitCodes.USAGE, command.execute("jmh-script", "--out", result().toString(), "x"));
        assertTrue(err.toString().contains("is not empty") && err.toString().contains("--out"), err.toString());
    }

    @Test
    void shouldKeepWhatThereIsWhenInterrupted() throws Exception {
        final ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), Main.class.getName(),
            "jmh", "--out", result().toString(), "x");
        builder.environment().put("MILLRACE_BENCHMARKS_JAR", fakeJar().toString());
        final Process process = builder.redirectErrorStream(true).start();
        final StringBuilder output = new StringBuilder();
        try (BufferedReader reader = process.inputReader()) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                output.append(line).append('\n');
                if (line.equals("measuring x")) {
                    process.toHandle().destroy(); // the process itself would close its streams too
                }
            }
        } finally {
            process.destroyForcibly();
        }
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), output.toString());
        assertEquals(RunStatus.INTERRUPTED, read().document().status(), output.toString());
        assertTrue(output.toString().contains("millrace report " + result()), output.toString());
    }

    /** Nothing but a manifest that names {@link FakeJmh} and where it lies. */
    private Path fakeJar() throws IOException {
        final Manifest manifest = new Manifest();
        final Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, FakeJmh.class.getName());
        attributes.put(Attributes.Name.CLASS_PATH,
            FakeJmh.class.getProtectionDomain().getCodeSource().getLocation().toString());
        final Path jar = directory.resolve("fake.jar");
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
        return jar;
    }

    private int run(final String script, final String... arguments) throws IOException {
        final List<String> all = new ArrayList<>(List.of("--out", result().toString()));
        all.addAll(Arrays.asList(arguments));
        return new CommandLine(scripted(script)).setOut(new PrintWriter(out, true)).execute(all.toArray(String[]::new));
    }

    private JmhCommand scripted(final String script) {
        return new JmhCommand(List.of("/bin/sh", "-c", script, "jmh"));
    }

    private Path result() {
        return directory.resolve("result");
    }

    private JmhRun read() {
        return ExperimentReader.read(List.of(result())).jmhRuns().get(0);
    }
}
