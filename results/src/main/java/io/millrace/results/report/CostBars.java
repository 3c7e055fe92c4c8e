package io.millrace.results.report;

import io.millrace.results.model.Cost;
import io.millrace.results.statistics.LegSummary;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/** The costs that decide, as bars with their figures beside them; each group has a scale of its own from zero. */
final class CostBars {
    private static final int MAX_LEGS = 6;

    private CostBars() {
    }

    static String html(final List<LegSummary> legs) {
        if (legs.size() > MAX_LEGS || legs.size() < 2) { // one bar alone says nothing
            return "";
        }
        final StringBuilder html = new StringBuilder();
        group(html, legs, "broker processor time per GB", Cost::brokerCpuSPerGb, s -> Format.digits(s) + " s");
        group(html, legs, "client processor time per record", Cost::clientCpuNsPerMsg, Format::time);
        group(html, legs, "broker allocation per record", Cost::brokerAllocBytesPerMsg, Tables::allocation);
        group(html, legs, "disk bytes per payload byte", Cost::writeAmplification, Format::digits);
        group(html, legs, "longest sync of a broker", Cost::longestSyncNs, Format::time);
        group(html, legs, "longest write call of a broker", Cost::longestWriteNs, Format::time);
        return html.isEmpty() ? "" : "<div class=\"bars\">\n" + html + "</div>\n";
    }

    private static void group(final StringBuilder html, final List<LegSummary> legs, final String name,
        final Function<Cost, Number> figure, final DoubleFunction<String> format) {
        final double[] values = legs.stream().mapToDouble(leg -> CostTables.median(leg, figure)).toArray();
        double most = 0;
        for (final double value : values) {
            most = value > most ? value : most;
        }
        if (most <= 0) {
            return;
        }
        html.append("<div class=\"group\"><h3>").append(Html.escape(name)).append("</h3>\n");
        for (int i = 0; i < values.length; i++) {
            html.append("<div class=\"bar-row\"><span class=\"bar-name\">").append(Html.escape(legs.get(i).label()))
                .append("</span><span class=\"bar-track\"><span class=\"bar-fill f").append(i % MAX_LEGS)
                .append("\" style=\"width:").append(String.format(Locale.ROOT, "%.1f",
                    Double.isFinite(values[i]) ? Math.max(0.5, 100 * values[i] / most) : 0))
                .append("%\"></span></span><span class=\"bar-value\">")
                .append(Html.escape(Double.isFinite(values[i]) ? format.apply(values[i]) : Format.NONE))
                .append("</span></div>\n");
        }
        html.append("</div>\n");
    }
}
