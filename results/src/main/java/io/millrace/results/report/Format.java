package io.millrace.results.report;

import java.util.Locale;

/** Figures for human eyes: three significant digits, the unit that suits the size. */
final class Format {
    static final String NONE = "–";

    private static final String[] BYTE_UNITS = {"B", "kB", "MB", "GB", "TB"};
    private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

    private Format() {
    }

    /** A time; the dash if there is none. */
    static String time(final double ns) {
        if (!Double.isFinite(ns) || ns < 0) {
            return NONE;
        }
        if (ns < 999.5) {
            return Math.round(ns) + " ns";
        }
        if (ns < 999.5e3) {
            return digits(ns / 1e3) + " µs";
        }
        if (ns < 999.5e6) {
            return digits(ns / 1e6) + " ms";
        }
        return digits(ns / 1e9) + " s";
    }

    static String time(final Long ns) {
        return ns == null ? NONE : time((double) ns);
    }

    /** A time as a mark on an axis: no trailing zeros. */
    static String tick(final double ns) {
        return time(ns).replaceAll("\\.0+ ", " ").replaceAll("(\\.\\d*[1-9])0+ ", "$1 ");
    }

    static String count(final double value) {
        return !Double.isFinite(value) ? NONE : String.format(Locale.ROOT, "%,d", Math.round(value));
    }

    static String rate(final double perS) {
        return !Double.isFinite(perS) ? NONE : count(perS) + "/s";
    }

    /** A count as a mark on an axis: 20 k, 1.5 M. */
    static String shortCount(final double value) {
        if (value >= 1e6) {
            return trimmed(value / 1e6) + " M";
        }
        return value >= 1e3 ? trimmed(value / 1e3) + " k" : trimmed(value);
    }

    static String bytes(final double value) {
        return scaled(value, 1000, BYTE_UNITS);
    }

    static String binaryBytes(final double value) {
        return scaled(value, 1024, BINARY_UNITS);
    }

    /** A ratio: three significant digits, a fourth close to one. */
    static String ratio(final double value) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        if (value >= 1e4) {
            return ">10,000";
        }
        if (value < 0.005) {
            return "<0.01";
        }
        if (Math.abs(value - 1) < 0.0495) {
            return String.format(Locale.ROOT, "%.3f", value);
        }
        return value >= 99.95 ? count(value) : String.format(Locale.ROOT, value >= 9.995 ? "%.1f" : "%.2f", value);
    }

    static String percent(final double share) {
        return trimmed(share * 100) + " %";
    }

    /** Three significant digits. */
    static String digits(final double value) {
        final double abs = Math.abs(value);
        return String.format(Locale.ROOT, abs < 9.995 ? "%.2f" : abs < 99.95 ? "%.1f" : "%.0f", value);
    }

    /** At most two decimals, none if they are zero. */
    static String trimmed(final double value) {
        final String text = String.format(Locale.ROOT, "%.2f", value);
        return text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    private static String scaled(final double value, final int base, final String[] units) {
        if (!Double.isFinite(value)) {
            return NONE;
        }
        double scaled = value;
        int unit = 0;
        while (scaled >= base && unit < units.length - 1) {
            scaled /= base;
            unit++;
        }
        return (unit == 0 ? count(scaled) : digits(scaled)) + " " + units[unit];
    }
}
