package io.millrace.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.cli.exit.ExitCodes;
import io.millrace.cli.exit.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.FileSystemException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class MainTest {
    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();
    private final CommandLine command = Main.commandLine()
        .setErr(new PrintWriter(err, true)).setOut(new PrintWriter(out, true));

    @Test
    void shouldSuggestTheCommandWhenItIsMistyped() {
        assertEquals(ExitCodes.USAGE, command.execute("clustr"));
        assertTrue(err.toString().contains("millrace cluster"), err.toString());
    }

    @Test
    void shouldNameTheFlagWhenItIsUnknown() {
        assertEquals(ExitCodes.USAGE, command.execute("cluster", "--colour"));
        assertTrue(err.toString().contains("'--colour'"), err.toString());
    }

    @Test
    void shouldShowMessageAndRemedyWhenTheUserCanMendIt() {
        command.addSubcommand(new Failing());
        assertEquals(7, command.setErr(new PrintWriter(err, true)).execute("failing"));
        assertEquals("millrace: port=1 is taken" + System.lineSeparator() + "  Choose another."
            + System.lineSeparator(), err.toString());
    }

    @Test
    void shouldPrintUsageWhenNoCommandIsGiven() {
        assertEquals(ExitCodes.USAGE, command.execute());
        assertTrue(err.toString().contains("Usage: millrace"), err.toString());
    }

    @Test
    void shouldPrintTheVersionWhenAsked() {
        assertEquals(ExitCodes.OK, command.execute("--version"));
        assertFalse(out.toString().isBlank());
    }

    @Test
    void shouldNameFileAndRemedyWhenTheDiskIsFull() {
        command.addSubcommand(new FullDisk());
        assertEquals(ExitCodes.FAILED, command.setErr(new PrintWriter(err, true)).execute("full-disk"));
        assertEquals("millrace: disk full: cannot write /data/cluster.json; free space on that disk, then try again"
            + System.lineSeparator(), err.toString());
    }

    @Command(name = "full-disk")
    private static final class FullDisk implements Callable<Integer> {
        @Override
        public Integer call() throws IOException {
            throw new FileSystemException("/data/cluster.json", null, "No space left on device");
        }
    }

    @Command(name = "failing")
    private static final class Failing implements Runnable {
        @Override
        public void run() {
            throw new UserError(7, "port=1 is taken", "Choose another.");
        }
    }
}
