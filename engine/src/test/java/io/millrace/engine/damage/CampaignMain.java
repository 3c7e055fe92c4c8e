package io.millrace.engine.damage;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;

/** The campaign command. Owned by the main thread. */
public final class CampaignMain {
    private static final int OK = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final long ALL = -1;
    private static final String HELP = """
        Usage: millrace campaign torn-tails|bit-flips|crash-states [--count N] [--seed S] [--state DIR] [--threads N]
               millrace campaign torn-tails|bit-flips|crash-states --seed S --case I
        Damages small logs in memory, opens them and compares what comes of it with what was written.
          --count N     cases in all, those of earlier runs with this seed included; default 10000
          --seed S      decides every case; default 1
          --state DIR   where it is noted how far the campaign is; default millrace-campaigns
          --threads N   default: one per processor
          --case I      runs only this case, and shows the whole error
        The same command goes on where it stopped. Exit code 1 when any case failed.
        """;

    private final PrintStream out;
    private CampaignKind kind;
    private long count = 10_000;
    private long seed = 1;
    private long only = ALL;
    private int threadCount = Runtime.getRuntime().availableProcessors();
    private Path directory = Path.of("millrace-campaigns");

    private CampaignMain(final PrintStream out) {
        this.out = out;
    }

    /**
     * Runs a campaign and ends the process with its exit code.
     *
     * @param args the command line
     * @throws Exception when the state cannot be read or written
     */
    public static void main(final String[] args) throws Exception {
        System.exit(run(List.of(args), System.out));
    }

    static int run(final List<String> args, final PrintStream out) throws Exception {
        final CampaignMain main = new CampaignMain(out);
        try {
            if (args.contains("--help") || args.contains("-h")) {
                out.print(HELP);
                return OK;
            }
            main.parse(new ArrayDeque<>(args));
        } catch (final IllegalArgumentException ex) {
            out.println("millrace campaign: " + ex.getMessage());
            out.print(HELP);
            return USAGE;
        }
        if (main.only != ALL) {
            return main.runOne();
        }
        return Campaign.goOn(main.kind, main.seed, main.count, main.threadCount, main.directory, out) ? OK : FAILED;
    }

    private void parse(final ArrayDeque<String> words) {
        while (!words.isEmpty()) {
            final String word = words.poll();
            if (!word.startsWith("--")) {
                kind = CampaignKind.parse(word);
                if (kind == null) {
                    throw new IllegalArgumentException("no such campaign: " + word);
                }
                continue;
            }
            final String value = words.poll();
            if (value == null) {
                throw new IllegalArgumentException("option without a value: " + word);
            }
            switch (word) {
                case "--count" -> count = number(word, value, 1);
                case "--seed" -> seed = number(word, value, Long.MIN_VALUE);
                case "--case" -> only = number(word, value, 0);
                case "--threads" -> threadCount = (int) Math.min(1_000, number(word, value, 1));
                case "--state" -> directory = Path.of(value);
                default -> throw new IllegalArgumentException("no such option: " + word);
            }
        }
        if (kind == null) {
            throw new IllegalArgumentException("which campaign?");
        }
    }

    private static long number(final String option, final String value, final long least) {
        try {
            final long number = Long.parseLong(value);
            if (number >= least) {
                return number;
            }
        } catch (final NumberFormatException ex) {
            // said below
        }
        throw new IllegalArgumentException(option + " must be a whole number"
            + (least == Long.MIN_VALUE ? "" : " of at least " + least) + ": " + value);
    }

    private int runOne() {
        try {
            final String outcome = kind.newCases().run(seed, only);
            out.println(kind.commandName() + " seed=" + seed + " case=" + only + ": " + outcome);
            return OK;
        } catch (final Exception | AssertionError ex) {
            out.println("FAILED " + kind.commandName() + " seed=" + seed + " case=" + only);
            ex.printStackTrace(out);
            return FAILED;
        }
    }
}
