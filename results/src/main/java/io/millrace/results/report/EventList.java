package io.millrace.results.report;

import io.millrace.results.report.HtmlTable.Markup;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What happened while measuring: a few events as they are; of many, those that matter, the others by kind, and all of
 * them folded away.
 */
final class EventList {
    /** More than these are summed up and folded. */
    private static final int FEW = 12;
    private static final int MAX_KINDS = 24;
    private static final int MAX_LISTED = 600;

    private EventList() {
    }

    /** Empty if nothing happened. */
    static String html(final List<Happening> all) {
        if (all.isEmpty()) {
            return "";
        }
        final StringBuilder html = new StringBuilder("<h3>Events while measuring</h3>\n");
        if (all.size() <= FEW) {
            list(html, all);
            return html.toString();
        }
        final List<Happening> grave = all.stream().filter(Happening::isGrave).toList();
        if (!grave.isEmpty() && grave.size() <= FEW) {
            list(html, grave);
        }
        html.append(table(all)).append("<details id=\"events\" class=\"files\"><summary>All ")
            .append(Format.count(all.size())).append(" events, one by one</summary>\n");
        list(html, all.stream().limit(MAX_LISTED).toList());
        if (all.size() > MAX_LISTED) {
            html.append(Html.paragraph("advice", "And " + Format.count(all.size() - MAX_LISTED) + " more in "
                + "events.jsonl of the runs."));
        }
        return html.append("</details>\n").toString();
    }

    private static void list(final StringBuilder html, final List<Happening> some) {
        html.append("<ul class=\"events\">\n");
        some.forEach(one -> html.append("<li>").append(Tables.key(one.leg())).append("<span>")
            .append(Html.escape(words(one))).append("</span></li>\n"));
        html.append("</ul>\n");
    }

    private static String words(final Happening one) {
        return one.label() + ", run " + one.pair() + ", " + Format.digits(one.atS()) + " s: " + one.kind()
            + (one.event().durationNs() == null ? "" : ", " + Format.time(one.event().durationNs()))
            + (one.event().detail() == null ? "" : ": " + one.event().detail());
    }

    private static String table(final List<Happening> all) {
        Map<String, List<Happening>> kinds = byKind(all, Happening::kind);
        if (kinds.size() > MAX_KINDS) {
            kinds = byKind(all, one -> one.event().type());
        }
        final HtmlTable table = new HtmlTable("event-kinds", Format.count(all.size()) + " events by kind, over all "
            + "runs of a side").head(List.of("", "events", "longest", "altogether", "first at", "last at"));
        kinds.values().forEach(some -> {
            final long[] durations = some.stream().map(one -> one.event().durationNs()).filter(ns -> ns != null)
                .mapToLong(Long::longValue).sorted().toArray();
            long sum = 0;
            for (final long ns : durations) {
                sum += ns;
            }
            final boolean isOneName = some.stream().map(Happening::kind).distinct().count() == 1;
            table.row(List.of(new Markup(Tables.key(some.get(0).leg()) + Html.escape(isOneName ? some.get(0).kind()
                : some.get(0).event().type()) + " <span class=\"detail\">" + Html.escape(some.get(0).label())
                + "</span>"),
                Format.count(some.size()),
                durations.length == 0 ? Format.NONE : Format.time(durations[durations.length - 1]),
                durations.length == 0 ? Format.NONE : Format.time(sum),
                Format.digits(some.get(0).atS()) + " s", Format.digits(some.get(some.size() - 1).atS()) + " s"));
        });
        return table.end();
    }

    private static Map<String, List<Happening>> byKind(
        final List<Happening> all, final Function<Happening, String> kind) {
        final Map<String, List<Happening>> sorted = new LinkedHashMap<>();
        all.stream().collect(Collectors.groupingBy(one -> one.leg() + " " + kind.apply(one), LinkedHashMap::new,
            Collectors.toCollection(ArrayList::new))).entrySet().stream()
            .sorted((a, b) -> b.getValue().size() - a.getValue().size())
            .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }
}
