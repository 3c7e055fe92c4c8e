package io.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a class of the same name in the campaigns' place. */
@Timeout(60)
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
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            campaign.onExit().get(30, TimeUnit.SECONDS);
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
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            assertEquals(7, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    private Process start(final String body, final String... arguments) throws IOException {
        final Path source = directory.resolve("CampaignMain.java");
        Files.writeString(source, "package io.millrace.engine.damage;\npublic class CampaignMain {\n"
            + "public static void main(String[] args) {\n" + body + "}\n}\n");
        assertEquals(0, ToolProvider.getSystemJavaCompiler().run(null, null, null, "-d", directory.toString(),
            source.toString()));
        final ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp", System.getProperty("java.class.path"), Main.class.getName(), "campaign");
        builder.command().addAll(List.of(arguments));
        builder.environment().put("MILLRACE_CAMPAIGN_CLASSPATH", directory.toString());
        return builder.start();
    }
}
