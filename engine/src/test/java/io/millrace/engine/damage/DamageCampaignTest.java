package io.millrace.engine.damage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fixed number of each campaign's cases; {@code ./millrace campaign} runs as many as are wanted. */
class DamageCampaignTest {
    private static final long SEED = Long.getLong("millrace.test.seed", 1);

    private static void run(final DamageCases cases, final int count) {
        final TreeMap<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            try {
                counts.merge(cases.run(SEED, i), 1, Integer::sum);
            } catch (final Exception | AssertionError ex) {
                throw new AssertionError("seed=" + SEED + " case=" + i + ": " + ex, ex);
            }
        }
        System.out.println(cases.getClass().getSimpleName() + ": seed=" + SEED + " cases=" + count + " failures=0"
            + " outcomes=" + counts.size());
    }

    @Test
    void shouldEndExactlyBehindTheLastWholeFrameWhenTheTailIsTorn() {
        run(new TornTails(), 2_000);
    }

    @Test
    void shouldDetectEveryFlippedBit() {
        run(new BitFlips(), 10_000);
    }

    @Test
    void shouldKeepWhatWasSyncedWhateverSurvivesAPowerCut() {
        run(new CrashStates(), 5_000);
    }

    @Test
    void shouldFailWhenSyncsAreLies() {
        final DamageCases cases = new CrashStates(true);
        int lossCount = 0;
        for (int i = 0; i < 500; i++) {
            try {
                cases.run(SEED, i);
            } catch (final Exception | AssertionError ex) {
                lossCount++;
            }
        }
        assertTrue(lossCount > 50, "seed=" + SEED + ": a disk that lies was noticed " + lossCount + " times");
    }

    @Test
    void shouldGoOnWhereACampaignStopped(@TempDir final Path directory) throws Exception {
        final String[] words = {"torn-tails", "--seed", "7", "--state", directory.toString(), "--threads", "2"};
        final List<String> outputs = new ArrayList<>();
        for (final int count : new int[] {150, 450}) {
            final ByteArrayOutputStream output = new ByteArrayOutputStream();
            final List<String> args = new ArrayList<>(List.of(words));
            args.addAll(List.of("--count", Integer.toString(count)));
            assertEquals(0, CampaignMain.run(args, new PrintStream(output, true, StandardCharsets.UTF_8)));
            outputs.add(output.toString(StandardCharsets.UTF_8));
        }
        assertTrue(outputs.get(0).contains("cases=150 failures=0"), outputs.get(0));
        assertTrue(outputs.get(1).contains("goes on at case 150"), outputs.get(1));
        assertTrue(outputs.get(1).contains("cases=450 failures=0"), outputs.get(1));
        final CampaignState state = CampaignState.load(directory, "torn-tails", 7);
        assertEquals(450, state.counts.values().stream().mapToLong(count -> count).sum());
        assertEquals(2, CampaignMain.run(List.of("torn-tails", "--count", "none"), System.out));
    }
}
