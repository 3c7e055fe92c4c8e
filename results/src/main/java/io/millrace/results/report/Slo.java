package io.millrace.results.report;

import io.millrace.results.store.RunData;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bound on a quantile of the response time that the runs were asked to keep.
 *
 * @param quantile in (0, 1), or 1 for the longest
 * @param limitNs  upper bound
 * @param text     as it was written
 */
record Slo(double quantile, double limitNs, String text) {
    private static final Pattern BOUND = Pattern.compile(
        "(?:rt\\.)?(p([0-9]{1,2}(?:\\.[0-9]+)?)|max)\\s*<=?\\s*([0-9.]+)\\s*(ns|us|µs|ms|s)",
        Pattern.CASE_INSENSITIVE);

    /** Every bound that the parameters of the runs name. */
    static List<Slo> of(final List<RunData> runs) {
        final Set<Slo> slos = new LinkedHashSet<>();
        for (final RunData run : runs) {
            final Object value = run.document().params().get("slo");
            final Collection<?> texts = value instanceof Collection<?> many ? many
                : value == null ? List.of() : List.of(String.valueOf(value).split("[,;]"));
            texts.forEach(text -> add(slos, String.valueOf(text).strip()));
            if (run.document().findings() != null) {
                run.document().findings().slo().forEach(asked -> add(slos, String.valueOf(asked.expression()).strip()));
            }
        }
        return List.copyOf(slos);
    }

    private static void add(final Set<Slo> slos, final String text) {
        final Matcher bound = BOUND.matcher(text);
        if (bound.matches()) {
            final double unit = switch (bound.group(4).toLowerCase(Locale.ROOT)) {
                case "ns" -> 1;
                case "ms" -> 1e6;
                case "s" -> 1e9;
                default -> 1e3;
            };
            slos.add(new Slo(bound.group(2) == null ? 1 : Double.parseDouble(bound.group(2)) / 100,
                Double.parseDouble(bound.group(3)) * unit, text));
        }
    }
}
