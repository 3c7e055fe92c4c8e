package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The tutorial as a newcomer goes through it. Its README shows the output; with DOCS_WRITE=true in the environment this
 * test writes it there, otherwise it compares what does not change from run to run.
 */
@Timeout(1500)
class TutorialSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(400);
    private static final Path TUTORIAL = ClusterHarness.projectRoot().resolve("examples/tutorial");
    private static final Pattern BLOCK = Pattern.compile("```console\n\\$ ([^\n]*)\n(.*?)```\n", Pattern.DOTALL);
    private static final int MESSAGE_COUNT = 100;
    private static final int ATTEMPT_COUNT = 3;
    private static String python;
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        python = Peers.python("kafka");
        cluster = ClusterHarness.start(ClusterHarness.STEADY);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void shouldShowWhatTheReadmeShowsWhenRun() throws IOException {
        Map<String, String> outputs = run();
        // a consumer ends when nothing has come for five seconds, as on a machine that stands still for so long
        for (int attempt = 2; attempt <= ATTEMPT_COUNT && isCutShort(outputs); attempt++) {
            outputs = run();
        }
        final List<String> commands = List.copyOf(outputs.keySet());
        assertEquals(MESSAGE_COUNT, sum(outputs.get(commandWith(commands, "produce.py")), "sent (\\d+) messages"));
        assertTrue(readCount(outputs, "anna", "ben") >= MESSAGE_COUNT, "read by the group: " + outputs);
        final String group = outputs.get(commandWith(commands, "describe_group.py"));
        assertEquals(MESSAGE_COUNT, sum(group, "committed (\\d+) of"), group);
        assertEquals(0, sum(group, "(\\d+) to go"), group);
        assertEquals(MESSAGE_COUNT, readCount(outputs, "carla"));
        requireSameAsReadme(outputs);
    }

    private static boolean isCutShort(final Map<String, String> outputs) {
        return readCount(outputs, "anna", "ben") < MESSAGE_COUNT || readCount(outputs, "carla") < MESSAGE_COUNT;
    }

    private static Map<String, String> run() throws IOException {
        return outputs(Command.run(PATIENCE, "env", "PYTHON=" + python, TUTORIAL.resolve("run").toString(),
            cluster.bootstrapServers()).requireSuccess().output());
    }

    private static int readCount(final Map<String, String> outputs, final String... names) {
        return Stream.of(names).mapToInt(name ->
            sum(outputs.get(commandWith(List.copyOf(outputs.keySet()), name)), "read (\\d+) messages")).sum();
    }

    /** {@return what each command printed; a command that is run twice has a space at its end the second time} */
    private static Map<String, String> outputs(final String output) {
        final Map<String, String> outputs = new LinkedHashMap<>();
        for (final String part : ("\n" + output).split("\n\\$ ")) {
            final int end = part.indexOf('\n');
            if (end > 0) {
                final String command = part.substring(0, end);
                outputs.put(outputs.containsKey(command) ? command + " " : command, part.substring(end + 1).strip());
            }
        }
        return outputs;
    }

    private static String commandWith(final List<String> commands, final String word) {
        return commands.stream().filter(command -> command.contains(word)).findFirst().orElseThrow();
    }

    private static int sum(final String text, final String pattern) {
        return Pattern.compile(pattern).matcher(text).results().mapToInt(found -> Integer.parseInt(found.group(1)))
            .sum();
    }

    private static void requireSameAsReadme(final Map<String, String> outputs) throws IOException {
        final Path readme = TUTORIAL.resolve("README.md");
        final Map<String, String> left = new LinkedHashMap<>(outputs);
        final StringBuilder written = new StringBuilder();
        final Matcher block = BLOCK.matcher(Files.readString(readme));
        final boolean isWriting = "true".equals(System.getenv("DOCS_WRITE"));
        while (block.find()) {
            final String command = block.group(1);
            final String first = left.remove(command);
            final String printed = first == null ? left.remove(command + " ") : first;
            assertFalse(printed == null, "the tutorial does not run what its README shows: " + command);
            if (!isWriting) {
                assertEquals(shape(printed), shape(block.group(2)), () -> command + ": examples/tutorial/README.md "
                    + "differs; run the test with DOCS_WRITE=true in the environment. Printed was:\n" + printed);
            }
            block.appendReplacement(written,
                Matcher.quoteReplacement("```console\n$ " + command + "\n" + printed + "\n```\n"));
        }
        block.appendTail(written);
        assertEquals(Map.of(), left, "commands of the tutorial that its README does not show");
        if (isWriting) {
            Files.writeString(readme, written.toString());
        }
    }

    /** {@return the lines without what differs from run to run: numbers, who got how many partitions} */
    private static Set<String> shape(final String text) {
        return text.strip().lines().map(line -> line
                .replaceAll("user-\\d+ [a-z_]+", "EVENT")
                .replaceAll("\\d+", "N")
                .replaceAll("(N (from|to) partition N)(, N (from|to) partition N)*", "$1")
                .replaceAll("N(, N)*", "N"))
            .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
