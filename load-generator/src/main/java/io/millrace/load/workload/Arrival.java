package io.millrace.load.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * When records are due: evenly, at random, in bursts, in steps or along a ramp.
 *
 * @param kind      which of them
 * @param burstSize records due at once, for bursts
 * @param steps     pieces of a step or ramp, none otherwise; the last rate holds until the end
 */
public record Arrival(Kind kind, int burstSize, List<Step> steps) {
    private static final int MAX_STEPS = 1_000;
    private static final double NS_PER_S = 1e9;
    private static final String FORMS = "uniform, poisson, burst:SIZE, step:10s@10k+10s@50k, ramp:10k..200k/60s";

    /** The shapes. */
    public enum Kind {
        /** Tick i is due at i / rate. */
        UNIFORM,
        /** Independent clients: exponentially distributed gaps. */
        POISSON,
        /** So many at once, as seldom as the rate asks. */
        BURST,
        /** One rate after another. */
        STEP,
        /** From one rate to another, linearly. */
        RAMP
    }

    /**
     * One piece of a curve.
     *
     * @param durationNs   of it
     * @param fromRatePerS at its beginning
     * @param toRatePerS   at its end
     */
    public record Step(long durationNs, long fromRatePerS, long toRatePerS) {
    }

    /** The steps are nobody else's. */
    public Arrival {
        steps = List.copyOf(steps);
    }

    /**
     * Reads the option.
     *
     * @param text what the user wrote
     * @return the arrival
     */
    public static Arrival of(final String text) {
        final String trimmed = text.trim();
        final int colon = trimmed.indexOf(':');
        final String kind = (colon < 0 ? trimmed : trimmed.substring(0, colon)).toLowerCase(Locale.ROOT);
        final String rest = colon < 0 ? "" : trimmed.substring(colon + 1).trim();
        return switch (kind) {
            case "uniform" -> plain(Kind.UNIFORM, text, rest);
            case "poisson" -> plain(Kind.POISSON, text, rest);
            case "burst" -> new Arrival(Kind.BURST, burstSize(rest), List.of());
            case "step" -> new Arrival(Kind.STEP, 0, steps(text, rest));
            case "ramp" -> new Arrival(Kind.RAMP, 0, List.of(ramp(text, rest)));
            default -> throw new WorkloadException("arrival: value=" + text + " is none of " + FORMS);
        };
    }

    /** {@return true if it has rates of its own, so that the workload's rate says nothing} */
    public boolean isCurve() {
        return !steps.isEmpty();
    }

    /**
     * {@return rate over a time on average}
     *
     * @param durationNs of the measured phase
     * @param ratePerS   of the workload, for what is no curve
     */
    public double meanRatePerS(final long durationNs, final long ratePerS) {
        if (!isCurve() || durationNs <= 0) {
            return isCurve() ? steps.get(0).fromRatePerS() : ratePerS;
        }
        double records = 0;
        long leftNs = durationNs;
        for (final Step step : steps) {
            final long ns = Math.min(leftNs, step.durationNs());
            final double to = step.fromRatePerS()
                + (double) (step.toRatePerS() - step.fromRatePerS()) * ns / step.durationNs();
            records += ns / NS_PER_S * (step.fromRatePerS() + to) / 2;
            leftNs -= ns;
        }
        records += leftNs / NS_PER_S * steps.get(steps.size() - 1).toRatePerS();
        return records / (durationNs / NS_PER_S);
    }

    /** {@return as the option has it} */
    public String word() {
        final StringBuilder text = new StringBuilder(kind.name().toLowerCase(Locale.ROOT));
        if (kind == Kind.BURST) {
            text.append(':').append(burstSize);
        } else if (kind == Kind.RAMP) {
            final Step step = steps.get(0);
            text.append(':').append(step.fromRatePerS()).append("..").append(step.toRatePerS()).append('/')
                .append(Units.exactDuration(step.durationNs()));
        } else if (kind == Kind.STEP) {
            char separator = ':';
            for (final Step step : steps) {
                text.append(separator).append(Units.exactDuration(step.durationNs())).append('@')
                    .append(step.fromRatePerS());
                separator = '+';
            }
        }
        return text.toString();
    }

    private static Arrival plain(final Kind kind, final String text, final String rest) {
        if (!rest.isEmpty()) {
            throw new WorkloadException("arrival: value=" + text + " takes nothing after its name; use one of "
                + FORMS);
        }
        return new Arrival(kind, 0, List.of());
    }

    private static int burstSize(final String rest) {
        final long size = Units.countOf("arrival burst", rest);
        if (size < 1 || size > 1_000_000) {
            throw new WorkloadException("arrival: burst=" + size + " is out of bounds; use 1 to 1000000 records");
        }
        return (int) size;
    }

    private static List<Step> steps(final String text, final String rest) {
        final List<Step> steps = new ArrayList<>();
        for (final String piece : rest.split("\\+", -1)) {
            final int at = piece.indexOf('@');
            if (at < 1) {
                throw new WorkloadException("arrival: value=" + text + " has a step that is not duration@rate; use "
                    + "step:10s@10k+10s@50k");
            }
            final long ratePerS = rate(text, piece.substring(at + 1));
            steps.add(new Step(duration(text, piece.substring(0, at)), ratePerS, ratePerS));
        }
        if (steps.size() > MAX_STEPS) {
            throw new WorkloadException("arrival: steps=" + steps.size() + " are too many; use up to " + MAX_STEPS);
        }
        return steps;
    }

    private static Step ramp(final String text, final String rest) {
        final int dots = rest.indexOf("..");
        final int slash = rest.lastIndexOf('/');
        if (dots < 1 || slash < dots) {
            throw new WorkloadException("arrival: value=" + text + " is not of the form ramp:10k..200k/60s");
        }
        return new Step(duration(text, rest.substring(slash + 1)), rate(text, rest.substring(0, dots)),
            rate(text, rest.substring(dots + 2, slash)));
    }

    private static long rate(final String text, final String rate) {
        final long ratePerS = Units.rateOf("arrival", rate.trim());
        if (ratePerS < 1 || ratePerS > WorkloadBuilder.MAX_RATE_PER_S) {
            throw new WorkloadException("arrival: value=" + text + " has a rate out of bounds: " + rate + "; use 1 to "
                + WorkloadBuilder.MAX_RATE_PER_S + "/s");
        }
        return ratePerS;
    }

    private static long duration(final String text, final String duration) {
        final long durationNs = Units.durationNsOf("arrival", duration.trim());
        if (durationNs < 1_000_000 || durationNs > 86_400_000_000_000L) {
            throw new WorkloadException("arrival: value=" + text + " has a time out of bounds: " + duration
                + "; use 1ms to 24h");
        }
        return durationNs;
    }
}
