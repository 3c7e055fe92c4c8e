package io.millrace.results.statistics;

import io.millrace.results.model.GitRevision;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunParams;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Compares made-up sides whose true difference is known, over and over, and counts verdicts that are false: a
 * difference claimed where there is none that matters, in the wrong direction, or denied where there is one.
 *
 * <p>Two depths: {@code figures} draws one figure for each run; {@code runs} makes the runs' histograms second by
 * second and sends them through the whole chain, several metrics at once, a trial being false if any verdict is. {@code
 * controls} are figures again, each judged with a control of its own, the smallest that is taken: what that widens must
 * not turn a difference into none. {@code clusters} are figures of independent sides whose runs share clusters, which
 * differ by more than their runs.
 */
final class VerdictSimulation {
    static final double THRESHOLD = 0.05;
    static final double[] EFFECTS = {1, 1.03, 1.10, 1.30};
    private static final int[] COUNTS = {Rules.MIN_PAIRS, 5, 10};
    private static final long SEED = 20_260_131;

    /** How figures of runs scatter. */
    enum Noise {
        /** Log-normal, 4 % between runs. */
        NORMAL,
        /** Student's t with 3 degrees of freedom, scaled as above: now and then a run far off. */
        HEAVY,
        /** Log-normal, and one run in eight, on either side, is half as slow again. */
        SPOILT,
        /** Log-normal, 12 % between runs. */
        RESTLESS;

        double draw(final SplittableRandom random) {
            return switch (this) {
                case NORMAL -> 0.04 * random.nextGaussian();
                case HEAVY -> {
                    double squares = 0;
                    for (int i = 0; i < 3; i++) {
                        squares += Math.pow(random.nextGaussian(), 2);
                    }
                    yield 0.04 * random.nextGaussian() / Math.sqrt(squares / 3);
                }
                case SPOILT -> 0.03 * random.nextGaussian() + (random.nextInt(8) == 0 ? Math.log(1.5) : 0);
                default -> 0.12 * random.nextGaussian();
            };
        }
    }

    /**
     * What was counted.
     *
     * @param name          of the case
     * @param trials        made
     * @param falseCount    trials with a false verdict
     * @param decidedCount  trials with a verdict other than inconclusive
     * @param coveredCount  trials whose interval held the truth
     */
    record Tally(String name, int trials, int falseCount, int decidedCount, int coveredCount) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%-46s false %5.1f %%   decided %5.1f %%   interval holds truth %5.1f %%",
                name, 100.0 * falseCount / trials, 100.0 * decidedCount / trials, 100.0 * coveredCount / trials);
        }
    }

    private VerdictSimulation() {
    }

    /**
     * All cases in full: {@code VerdictSimulation [TRIALS [figures|controls|clusters|runs]]}.
     *
     * @param args trials a case, 1000 unless given; one depth only, all unless given
     */
    public static void main(final String[] args) {
        final int trials = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        final String depth = args.length > 1 ? args[1] : "all";
        int worst = 0;
        if (List.of("all", "figures").contains(depth)) {
            worst = print(System.out, "One figure a run", figures(trials, 2000, EFFECTS, COUNTS));
        }
        if (List.of("all", "controls").contains(depth)) {
            worst = Math.max(worst, print(System.out, "One figure a run, with a control of " + Rules.MIN_PAIRS
                + " pairs", controls(trials, 2000, EFFECTS, COUNTS)));
        }
        if (List.of("all", "clusters").contains(depth)) {
            worst = Math.max(worst, print(System.out, "One figure a run, several runs a cluster",
                clusters(trials, 2000, EFFECTS)));
        }
        if (List.of("all", "runs").contains(depth)) {
            worst = Math.max(worst, print(System.out, "Whole runs, p50, p99, max and rate together",
                runs(trials, EFFECTS, new int[] {Rules.MIN_PAIRS})));
        }
        System.out.printf(Locale.ROOT, "%nWorst case: %d false verdicts or missed truths in %d trials; limit at 95 %% "
            + "confidence: %d%n", worst, trials, limit(trials));
        if (worst > limit(trials)) {
            throw new IllegalStateException("false verdicts or missed truths exceed the stated confidence");
        }
    }

    /** False verdicts that a method with a true rate of 5 % stays below in all but one of a thousand cases. */
    static int limit(final int trials) {
        return (int) Math.floor(0.05 * trials + 3.1 * Math.sqrt(0.05 * 0.95 * trials));
    }

    static List<Tally> figures(
        final int trials, final int draws, final double[] effects, final int[] counts) {
        final List<Tally> tallies = new ArrayList<>();
        for (final boolean isPaired : new boolean[] {true, false}) {
            for (final int count : counts) {
                for (final Noise noise : Noise.values()) {
                    for (final double effect : effects) {
                        tallies.add(figure(isPaired, false, count, noise, effect, trials, draws));
                    }
                }
            }
        }
        return tallies;
    }

    static List<Tally> controls(
        final int trials, final int draws, final double[] effects, final int[] counts) {
        final List<Tally> tallies = new ArrayList<>();
        for (final int count : counts) {
            for (final Noise noise : Noise.values()) {
                for (final double effect : effects) {
                    tallies.add(figure(true, true, count, noise, effect, trials, draws));
                }
            }
        }
        return tallies;
    }

    /** Starts differ by 5 %, runs on one by 1 %: with one cluster a side no number of runs allows a claim. */
    static List<Tally> clusters(final int trials, final int draws, final double[] effects) {
        final List<Tally> tallies = new ArrayList<>();
        for (final int[] count : new int[][] {{1, 5}, {2, 5}, {Rules.MIN_RUNS, 5}, {6, 3}, {6, 1}}) {
            for (final double effect : effects) {
                tallies.add(cluster(count[0], count[1], effect, trials, draws));
            }
        }
        return tallies;
    }

    private static Tally cluster(
        final int clusters, final int runs, final double effect, final int trials, final int draws) {
        final String name = "independent, " + clusters + " clusters of " + runs + ", x" + effect;
        final SplittableRandom random = new SplittableRandom(SEED + name.hashCode());
        int wrong = 0;
        int decided = 0;
        int covered = 0;
        for (int trial = 0; trial < trials; trial++) {
            final List<RunSample> bases = onClusters(random, clusters, runs, 1);
            final List<RunSample> others = onClusters(random, clusters, runs, effect);
            final LogRatio ratio = new RatioBootstrap(trial, draws).unpaired(bases, others);
            final RatioEstimate estimate = Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, 0, false)),
                new Rules(THRESHOLD, Rules.CONFIDENCE)).get(0);
            wrong += isFalse(estimate, effect) ? 1 : 0;
            decided += estimate.verdict() == Verdict.INCONCLUSIVE ? 0 : 1;
            covered += !estimate.hasInterval() || estimate.low() <= effect && effect <= estimate.high() ? 1 : 0;
        }
        return new Tally(name, trials, wrong, decided, covered);
    }

    private static List<RunSample> onClusters(
        final SplittableRandom random, final int clusters, final int runs, final double effect) {
        final List<RunSample> samples = new ArrayList<>();
        final List<String> starts = new ArrayList<>();
        for (int cluster = 0; cluster < clusters; cluster++) {
            final double level = 1e6 * effect * Math.exp(0.05 * random.nextGaussian());
            for (int run = 0; run < runs; run++) {
                samples.add(sample(random, level)); // 1 % between the runs
                starts.add("start " + cluster);
            }
        }
        return Clusters.means(samples, starts);
    }

    static List<Tally> runs(final int trials, final double[] effects, final int[] counts) {
        final List<Tally> tallies = new ArrayList<>();
        for (final boolean isPaired : new boolean[] {true, false}) {
            for (final int count : counts) {
                for (final double effect : effects) {
                    tallies.add(whole(isPaired, count, effect, trials));
                }
            }
        }
        return tallies;
    }

    private static Tally figure(final boolean isPaired, final boolean hasControl, final int count, final Noise noise,
        final double effect, final int trials, final int draws) {
        final String name = (isPaired ? "paired, " : "independent, ") + (hasControl ? "control, " : "") + count + ", "
            + noise.name().toLowerCase(Locale.ROOT) + ", x" + effect;
        final SplittableRandom random = new SplittableRandom(SEED + name.hashCode());
        int wrong = 0;
        int decided = 0;
        int covered = 0;
        for (int trial = 0; trial < trials; trial++) {
            final List<RunSample> bases = new ArrayList<>();
            final List<RunSample> others = new ArrayList<>();
            for (int run = 0; run < count; run++) {
                final double drift = isPaired ? 0.3 * random.nextGaussian() : 0; // what pairing takes out
                bases.add(sample(random, 1e6 * Math.exp(drift + noise.draw(random))));
                others.add(sample(random, 1e6 * effect * Math.exp(drift + noise.draw(random))));
            }
            final RatioBootstrap bootstrap = new RatioBootstrap(trial, draws);
            final LogRatio ratio = isPaired ? bootstrap.paired(zipped(bases, others))
                : bootstrap.unpaired(bases, others);
            final double floor = hasControl ? floor(random, noise) : 0;
            final RatioEstimate estimate = Judge.judge(List.of(new Judge.Row(Metric.RT_P99, ratio, floor, false)),
                new Rules(THRESHOLD, Rules.CONFIDENCE)).get(0);
            wrong += isFalse(estimate, effect) ? 1 : 0;
            decided += estimate.verdict() == Verdict.INCONCLUSIVE ? 0 : 1;
            covered += estimate.low() <= effect && effect <= estimate.high() ? 1 : 0;
        }
        return new Tally(name, trials, wrong, decided, covered);
    }

    /** What the equal sides of a control of few pairs differ by. */
    private static double floor(final SplittableRandom random, final Noise noise) {
        double sum = 0;
        for (int pair = 0; pair < Rules.MIN_PAIRS; pair++) {
            sum += noise.draw(random) - noise.draw(random);
        }
        return Math.expm1(Math.abs(sum / Rules.MIN_PAIRS));
    }

    /** Within the run 1 %, which the replicates repeat. */
    private static RunSample sample(final SplittableRandom random, final double level) {
        final double value = level * Math.exp(0.01 * random.nextGaussian());
        final double[] replicates = new double[20];
        for (int i = 0; i < replicates.length; i++) {
            replicates[i] = value * Math.exp(0.01 * random.nextGaussian());
        }
        return new RunSample(value, replicates);
    }

    private static List<RatioBootstrap.Pair> zipped(final List<RunSample> bases, final List<RunSample> others) {
        final List<RatioBootstrap.Pair> pairs = new ArrayList<>();
        for (int i = 0; i < bases.size(); i++) {
            pairs.add(new RatioBootstrap.Pair(bases.get(i), others.get(i)));
        }
        return pairs;
    }

    private static Tally whole(final boolean isPaired, final int count, final double effect, final int trials) {
        final String name = (isPaired ? "paired, " : "independent, ") + count + ", whole runs, x" + effect;
        final SplittableRandom random = new SplittableRandom(SEED + name.hashCode());
        int wrong = 0;
        int decided = 0;
        int covered = 0;
        for (int trial = 0; trial < trials; trial++) {
            final List<RunData> bases = new ArrayList<>();
            final List<RunData> others = new ArrayList<>();
            for (int run = 1; run <= count; run++) {
                bases.add(run(random, "A", run, 1));
                others.add(run(random, "B", run, effect));
            }
            final Duel duel = isPaired ? Duel.of(bases, others, Map.of()) : Duel.unpaired(bases, others, Map.of());
            final List<RatioEstimate> estimates = Judge.judge(duel.rows(), new Rules(THRESHOLD, Rules.CONFIDENCE));
            boolean isWrong = false;
            boolean isDecided = false;
            boolean isCovered = true;
            for (final RatioEstimate estimate : estimates) {
                final double truth = estimate.metric() == Metric.RATE ? 1 : effect;
                isWrong |= isFalse(estimate, truth);
                isDecided |= estimate.verdict() != Verdict.INCONCLUSIVE && estimate.metric() != Metric.RATE;
                isCovered &= estimate.metric() != Metric.RT_P99
                    || estimate.low() <= truth && truth <= estimate.high();
            }
            wrong += isWrong ? 1 : 0;
            decided += isDecided ? 1 : 0;
            covered += isCovered ? 1 : 0;
        }
        return new Tally(name, trials, wrong, decided, covered);
    }

    /** 12 s of 170 records: heavy-tailed times, a level that wanders within the run and jumps between runs. */
    private static RunData run(final SplittableRandom random, final String leg, final int pair, final double factor) {
        final double level = 420_000 * factor * Math.exp(0.03 * random.nextGaussian());
        final List<RunData.Interval> intervals = new ArrayList<>();
        double mood = 0.06 * random.nextGaussian();
        for (int s = 0; s < 12; s++) {
            mood = 0.8 * mood + 0.036 * random.nextGaussian(); // neighbouring seconds resemble each other
            final Histogram histogram = new Histogram(2); // fast to make thousands of
            for (int i = 0; i < 170; i++) {
                final double tail = random.nextInt(40) == 0 ? Math.pow(1 - random.nextDouble(), -0.5) : 1;
                histogram.recordValue((long) (level * tail * Math.exp(mood + 0.3 * random.nextGaussian())));
            }
            intervals.add(RunData.Interval.of(s * 1000L, (s + 1) * 1000L, histogram));
        }
        final RunDocument document = RunDocument.running(new RunHeader(leg + pair, "made-up", leg, leg, pair,
            Instant.EPOCH, List.of(), GitRevision.unknown(), null, Map.of(RunParams.CLUSTER, leg + pair), null))
            .ended(new RunOutcome(RunStatus.OK, List.of(), List.of(), new Measured(12_000_000_000L, 2040, 2040, 0,
            Map.of(), 170 * (1 - 0.001 * random.nextDouble()), 1e5, null, null), null), Instant.EPOCH, Map.of());
        return new RunData(Path.of(leg + pair), document, Map.of(Tags.ACK_RT, intervals), List.of(), List.of(),
            List.of());
    }

    private static boolean isFalse(final RatioEstimate estimate, final double truth) {
        return switch (estimate.verdict()) {
            case SAME -> Math.max(truth, 1 / truth) > 1 + THRESHOLD;
            case REGRESSED -> estimate.metric().isLowerBetter() ? truth <= 1 + THRESHOLD : 1 / truth <= 1 + THRESHOLD;
            case IMPROVED -> estimate.metric().isLowerBetter() ? 1 / truth <= 1 + THRESHOLD : truth <= 1 + THRESHOLD;
            default -> false;
        };
    }

    private static int print(final PrintStream out, final String title, final List<Tally> tallies) {
        out.println();
        out.println(title);
        tallies.forEach(out::println);
        return tallies.stream().mapToInt(tally ->
            Math.max(tally.falseCount(), tally.trials() - tally.coveredCount())).max().orElse(0);
    }
}
