package io.millrace.load.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Tells another JVM of this user what to do, through the JDK's jcmd. No state. */
final class Jcmd {
    private static final long TIMEOUT_S = 60;
    private static final int MAX_OUTPUT_LENGTH = 500;

    private Jcmd() {
    }

    /**
     * Runs one command.
     *
     * @param pid   of the JVM
     * @param words the command and its arguments
     * @return null, or what went wrong
     */
    static String run(final long pid, final String... words) {
        return tell(pid, "", words);
    }

    /**
     * Loads a native agent, or tells one that is loaded what to do.
     *
     * @param pid     of the JVM
     * @param library of the agent
     * @param options in the agent's own words
     * @return null, or what went wrong
     */
    static String loadAgent(final long pid, final Path library, final String options) {
        // the command is done also when the agent is not
        return tell(pid, "return code: 0", "JVMTI.agent_load", library.toString(), "\"" + options + "\"");
    }

    private static String tell(final long pid, final String expected, final String... words) {
        final List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
        line.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", String.valueOf(pid)));
        line.addAll(List.of(words));
        Path output = null;
        try {
            output = Files.createTempFile("millrace-jcmd", ".out");
            final Process process = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(output.toFile()).start();
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroy();
                return "jcmd " + words[0] + " did not end within " + TIMEOUT_S + " s";
            }
            final String text = Files.readString(output, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
            if (process.exitValue() == 0 && text.contains(expected)) {
                return null;
            }
            return "jcmd " + words[0] + " said: " + text.substring(0, Math.min(MAX_OUTPUT_LENGTH, text.length()));
        } catch (final IOException ex) {
            return ex.getMessage();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } finally {
            if (output != null) {
                output.toFile().delete();
            }
        }
    }
}
