package io.millrace.load.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A service level: a figure of the result, a comparison and a limit.
 *
 * @param metric    "rt.p99", "e2e.max", "achieved", "lost_acked", ...
 * @param operator  one of &lt; &lt;= &gt; &gt;= ==
 * @param limit     nanoseconds for a latency, else a plain number
 * @param isLatency true if the limit is a time
 */
public record Slo(String metric, String operator, double limit, boolean isLatency) {
    private static final Pattern FORM = Pattern.compile("\\s*([a-z0-9_.]+)\\s*(<=|>=|==|<|>)\\s*(\\S.*?)\\s*");
    private static final Pattern LATENCY = Pattern.compile("(rt|service|lag|e2e)\\.(p50|p90|p99|p99\\.9|p99\\.99|max)");
    private static final List<String> COUNTS = List.of("achieved", "lost_acked", "duplicates", "reordered", "corrupt",
        "gaps", "errors", "unavailable", "recover");
    private static final String EXAMPLES =
        "such as rt.p99<5ms, e2e.p99.9<20ms, achieved>=0.99, lost_acked==0, errors==0, unavailable<2s";

    /**
     * Reads one.
     *
     * @param text what the user wrote
     * @return the service level
     */
    public static Slo of(final String text) {
        final Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new WorkloadException("slo: value=" + text + " is not METRIC OPERATOR LIMIT, " + EXAMPLES);
        }
        final String metric = "acked_lost".equals(matcher.group(1)) ? "lost_acked" : matcher.group(1);
        final boolean isTime = LATENCY.matcher(metric).matches() || "unavailable".equals(metric)
            || "recover".equals(metric);
        if (!isTime && !COUNTS.contains(metric)) {
            throw new WorkloadException("slo: metric=" + metric + " is unknown; use rt, service, lag or e2e with .p50, "
                + ".p90, .p99, .p99.9, .p99.99 or .max, or one of " + COUNTS + ", " + EXAMPLES);
        }
        return new Slo(metric, matcher.group(2), limit(text, matcher.group(3), isTime), isTime);
    }

    /**
     * Reads several.
     *
     * @param text with semicolons or commas; blank for none
     * @return the service levels
     */
    public static List<Slo> parse(final String text) {
        final List<Slo> levels = new ArrayList<>();
        for (final String part : text.split("[;,]")) {
            if (!part.isBlank()) {
                levels.add(of(part));
            }
        }
        return List.copyOf(levels);
    }

    /**
     * {@return true if a value meets it}
     *
     * @param value nanoseconds for a latency
     */
    public boolean isMet(final double value) {
        return switch (operator) {
            case "<" -> value < limit;
            case "<=" -> value <= limit;
            case ">" -> value > limit;
            case ">=" -> value >= limit;
            default -> value == limit;
        };
    }

    /** {@return as the option has it} */
    public String word() {
        final String number = limit == Math.rint(limit) && Math.abs(limit) < 1e15
            ? String.valueOf((long) limit) : String.valueOf(limit);
        return metric + operator + (isLatency ? Units.exactDuration((long) limit) : number);
    }

    private static double limit(final String text, final String limit, final boolean isTime) {
        if (isTime) {
            return Units.durationNsOf("slo", limit);
        }
        try {
            return limit.endsWith("%") ? Double.parseDouble(limit.substring(0, limit.length() - 1).trim()) / 100
                : Double.parseDouble(limit);
        } catch (final NumberFormatException ex) {
            throw new WorkloadException("slo: value=" + text + " has no number as its limit, " + EXAMPLES);
        }
    }
}
