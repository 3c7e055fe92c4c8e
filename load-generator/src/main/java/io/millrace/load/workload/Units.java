package io.millrace.load.workload;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses and prints lengths, durations and rates with their units. */
public final class Units {
    /** Rate of a workload that is bounded by its in-flight window alone. */
    public static final long UNLIMITED = -1;

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-zµ]*(?:/s)?)");

    private Units() {
    }

    /**
     * A length in bytes: "100", "100B", "1KiB", "1k" and "1KB" (1000), "4MiB".
     *
     * @param name of the option, for the message
     * @param text what the user wrote
     * @return bytes
     */
    public static long lengthOf(final String name, final String text) {
        final Matcher matcher = match(name, text, "a length such as 100B, 1KiB or 2MB");
        final long factor = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "", "b" -> 1L;
            case "k", "kb" -> 1_000L;
            case "kib" -> 1L << 10;
            case "m", "mb" -> 1_000_000L;
            case "mib" -> 1L << 20;
            case "g", "gb" -> 1_000_000_000L;
            case "gib" -> 1L << 30;
            default -> throw unknownUnit(name, text, "B, KiB, MiB, GiB, KB, MB, GB");
        };
        return scaled(name, text, matcher.group(1), factor);
    }

    /**
     * A duration: "60" (seconds), "60s", "500ms", "2m", "20us", "0ms".
     *
     * @param name of the option, for the message
     * @param text what the user wrote
     * @return nanoseconds
     */
    public static long durationNsOf(final String name, final String text) {
        final Matcher matcher = match(name, text, "a duration such as 60s, 500ms or 2m");
        final long factor = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "ns" -> 1L;
            case "us", "µs" -> 1_000L;
            case "ms" -> 1_000_000L;
            case "", "s" -> 1_000_000_000L;
            case "m", "min" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> throw unknownUnit(name, text, "ns, us, ms, s, m, h");
        };
        return scaled(name, text, matcher.group(1), factor);
    }

    /**
     * A rate in records per second: "50000", "50k", "1.5M", "50k/s"; "-1" and "unlimited" stand for no schedule.
     *
     * @param name of the option, for the message
     * @param text what the user wrote
     * @return records per second, or {@link #UNLIMITED}
     */
    public static long rateOf(final String name, final String text) {
        if (text.trim().equals("-1") || text.trim().equalsIgnoreCase("unlimited")) {
            return UNLIMITED;
        }
        return scaled(name, text, match(name, text, "records per second such as 50000, 50k or -1 for unlimited"));
    }

    /**
     * A count: "1000", "10k", "1M".
     *
     * @param name of the option, for the message
     * @param text what the user wrote
     * @return the count
     */
    public static long countOf(final String name, final String text) {
        return scaled(name, text, match(name, text, "a count such as 1000, 10k or 1M"));
    }

    /**
     * {@return bytes for a reader, in binary units}
     *
     * @param length bytes
     */
    public static String length(final long length) {
        final String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
        double value = length;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? length + " B" : decimal(value) + " " + units[unit];
    }

    /**
     * {@return a duration for a reader}
     *
     * @param durationNs nanoseconds
     */
    public static String duration(final long durationNs) {
        if (durationNs < 1_000) {
            return durationNs + " ns";
        }
        if (durationNs < 1_000_000) {
            return decimal(durationNs / 1e3) + " us";
        }
        if (durationNs < 1_000_000_000) {
            return decimal(durationNs / 1e6) + " ms";
        }
        return decimal(durationNs / 1e9) + " s";
    }

    /**
     * {@return a rate for a reader}
     *
     * @param ratePerS records per second, or {@link #UNLIMITED}
     */
    public static String rate(final double ratePerS) {
        if (ratePerS == UNLIMITED) {
            return "unlimited";
        }
        return String.format(Locale.ROOT, "%,.0f/s", ratePerS);
    }

    /**
     * {@return a duration that reads back as exactly this one}
     *
     * @param durationNs nanoseconds
     */
    public static String exactDuration(final long durationNs) {
        if (durationNs % 1_000 != 0) {
            return durationNs + "ns";
        }
        if (durationNs % 1_000_000 != 0) {
            return durationNs / 1_000 + "us";
        }
        return durationNs % 1_000_000_000 == 0 ? durationNs / 1_000_000_000 + "s" : durationNs / 1_000_000 + "ms";
    }

    /**
     * {@return a length that reads back as exactly this one}
     *
     * @param length bytes
     */
    public static String exactLength(final long length) {
        if (length == 0 || length % 1024 != 0) {
            return length + "B";
        }
        if (length % (1L << 20) != 0) {
            return length / 1024 + "KiB";
        }
        return length % (1L << 30) == 0 ? (length >> 30) + "GiB" : (length >> 20) + "MiB";
    }

    private static String decimal(final double value) {
        final String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    private static long scaled(final String name, final String text, final Matcher matcher) {
        final long factor = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "", "/s" -> 1L;
            case "k", "k/s" -> 1_000L;
            case "m", "m/s" -> 1_000_000L;
            default -> throw unknownUnit(name, text, "k, M");
        };
        return scaled(name, text, matcher.group(1), factor);
    }

    private static long scaled(final String name, final String text, final String number, final long factor) {
        try {
            return new BigDecimal(number).multiply(BigDecimal.valueOf(factor)).longValueExact();
        } catch (final ArithmeticException ex) {
            throw new WorkloadException(name + ": value=" + text + " is no whole number of its smallest unit, or too "
                + "large; round it");
        }
    }

    private static Matcher match(final String name, final String text, final String expected) {
        final Matcher matcher = NUMBER_AND_UNIT.matcher(text.trim());
        if (!matcher.matches()) {
            throw new WorkloadException(name + ": value=" + text + " is not " + expected);
        }
        return matcher;
    }

    private static WorkloadException unknownUnit(final String name, final String text, final String units) {
        return new WorkloadException(name + ": value=" + text + " has an unknown unit; use one of " + units);
    }
}
