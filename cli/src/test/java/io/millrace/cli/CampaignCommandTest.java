package io.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.cli.exit.ExitCodes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a class of the same name in the campaigns' place. */
@Timeout(600)
class CampaignCommandTest {
    @TempDir
    private Path directory;

    @Test
    void shouldEndTheCampaignWhenOnlyTheCommandIsEnded() throws Exception {
        final Process process = start("""
            System.out.println(ProcessHandle.current().pid());
            while (true) {
                java.util.concurrent.locks.LockSupport.park();
            }
            """);
        try (BufferedReader reader = process.inputReader()) {
            final ProcessHandle campaign = ProcessHandle.of(Long.parseLong(reader.readLine())).orElseThrow();
            process.toHandle().destroy(); // the process itself would close its streams too
            assertTrue(process.waitFor(120, TimeUnit.SECONDS));
            campaign.onExit().get(120, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldPassArgumentsAndExitCodeOn() throws Exception {
        final Process process = start("""
            System.out.println(String.join("|", args));
            System.exit(7);
            """, "bit-flips", "--count", "5", "--help");
        try (BufferedReader reader = process.inputReader()) {
            assertEquals("bit-flips|--count|5|--help", reader.readLine());
            assertTrue(process.waitFor(120, TimeUnit.SECONDS));
            assertEquals(7, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void shouldNameTheSourceTreeWhenTheTestCodeIsNotThere() throws Exception {
        final ProcessBuilder builder = command("bit-flips").redirectErrorStream(true);
        builder.environment().remove("MILLRACE_CAMPAIGN_CLASSPATH");
        final Process process = builder.start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(120, TimeUnit.SECONDS));
        assertEquals(ExitCodes.FAILED, process.exitValue());
        assertTrue(output.contains("./millrace campaign in the source tree"), output);
    }

    private Process start(final String body, final String... arguments) throws IOException {
        final Path source = directory.resolve("CampaignMain.java");
        Files.writeString(source, "package io.millrace.engine.damage;\npublic class CampaignMain {\n"
            + "public static void main(String[] args) {\n" + body + "}\n}\n");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", directory.toString(),
            source.toString()));
        final ProcessBuilder builder = command(arguments);
        builder.environment().put("MILLRACE_CAMPAIGN_CLASSPATH", directory.toString());
        return builder.start();
    }

    private static ProcessBuilder command(final String... arguments) {
        final ProcessBuilder builder = new ProcessBuilder(ChildProcess.java(), "-cp",
            System.getProperty("java.class.path"), Main.class.getName(), "campaign");
        builder.command().addAll(List.of(arguments));
        return builder;
    }
}
