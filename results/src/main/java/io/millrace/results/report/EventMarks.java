package io.millrace.results.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Marks of events above a timeline, a lane for each side that has any: those too close to be told apart are one mark
 * with their number. Faults and errors have a line through the panels. The page's script draws them anew when zoomed.
 */
final class EventMarks {
    /** Height of a lane. */
    static final double LANE = 18;
    /** Width of the cells in each of which there is one mark at most. */
    private static final double CELL = 32;
    private static final double RADIUS = 5.5;
    private static final double PILL = 15;
    /** Enough for any run that is looked at as a whole; graver ones go first. */
    private static final int MAX_EMBEDDED = 3000;
    private static final int MAX_NAMED = 4;

    private final Map<Integer, List<Happening>> byLeg = new TreeMap<>();

    EventMarks(final List<Happening> all) {
        all.forEach(one -> byLeg.computeIfAbsent(one.leg(), leg -> new ArrayList<>()).add(one));
    }

    boolean isEmpty() {
        return byLeg.isEmpty();
    }

    /** {@return room the lanes take} */
    double height() {
        return byLeg.size() * LANE;
    }

    void draw(final Svg svg, final Scale x, final double top, final double bottom) {
        svg.begin("marks");
        int lane = 0;
        for (final List<Happening> some : byLeg.values()) {
            final double y = top + (lane++ + 0.5) * LANE;
            List<Happening> cluster = new ArrayList<>();
            for (final Happening one : some) {
                if (!cluster.isEmpty() && cell(x, one) != cell(x, cluster.get(0))) {
                    mark(svg, x, y, bottom, cluster);
                    cluster = new ArrayList<>();
                }
                cluster.add(one);
            }
            mark(svg, x, y, bottom, cluster);
        }
        svg.end();
    }

    private static int cell(final Scale x, final Happening one) {
        return (int) ((x.at(one.atS()) - x.from()) / CELL);
    }

    private static void mark(
        final Svg svg, final Scale x, final double y, final double bottom, final List<Happening> cluster) {
        final int leg = cluster.get(0).leg();
        final double left = x.from() + cell(x, cluster.get(0)) * CELL;
        final double mean = cluster.stream().mapToDouble(one -> x.at(one.atS())).average().orElseThrow();
        final String count = String.valueOf(cluster.size());
        final double width = Math.max(PILL, 7 * count.length() + 8.0);
        final double middle = Math.max(left + width / 2 + 1, Math.min(left + CELL - width / 2 - 1, mean));
        cluster.stream().filter(Happening::isGrave).mapToDouble(one -> x.at(one.atS())).map(Math::rint).distinct()
            .forEach(at -> svg.line("event leg" + leg, at, y, at, bottom));
        svg.beginTitled("cluster", words(cluster));
        if (cluster.size() == 1) {
            svg.mark("mark leg" + leg, leg, middle, y, RADIUS);
        } else {
            svg.pill("pill leg" + leg, middle - width / 2, y - PILL / 2, width, PILL);
            svg.text("pill-text", "middle", middle, y + 4, count);
        }
        svg.end();
    }

    private static String words(final List<Happening> cluster) {
        final Map<String, List<Happening>> kinds = cluster.stream().collect(
            Collectors.groupingBy(Happening::kind, LinkedHashMap::new, Collectors.toList()));
        final String from = Format.digits(cluster.get(0).atS());
        final String to = Format.digits(cluster.get(cluster.size() - 1).atS());
        return cluster.get(0).label() + ", " + (from.equals(to) ? from : from + " to " + to) + " s: " + sum(kinds);
    }

    private static String sum(final Map<String, List<Happening>> kinds) {
        return kinds.entrySet().stream().limit(MAX_NAMED).map(kind -> {
            final long longest = kind.getValue().stream().map(one -> one.event().durationNs())
                .filter(ns -> ns != null).mapToLong(Long::longValue).max().orElse(0);
            return (kind.getValue().size() > 1 ? kind.getValue().size() + " × " : "") + kind.getKey()
                + (longest > 0 ? " (" + (kind.getValue().size() > 1 ? "longest " : "") + Format.time(longest) + ")"
                : "");
        }).collect(Collectors.joining("; "))
            + (kinds.size() > MAX_NAMED ? "; and " + (kinds.size() - MAX_NAMED) + " other kinds" : "");
    }

    /** What happened in a stretch of time, for the read-out; null if nothing did. */
    String between(final double fromS, final double toS) {
        final List<Happening> some = byLeg.values().stream().flatMap(List::stream)
            .filter(one -> one.atS() >= fromS && one.atS() < toS).toList();
        return some.isEmpty() ? null : sum(some.stream().collect(
            Collectors.groupingBy(Happening::kind, LinkedHashMap::new, Collectors.toList())));
    }

    /** For the script: names of kinds, and for each event its side, time, kind, length in ns, whether it is grave. */
    Map<String, Object> data() {
        final List<String> kinds = new ArrayList<>();
        final List<List<Object>> events = new ArrayList<>();
        byLeg.values().stream().flatMap(List::stream)
            .sorted((a, b) -> Boolean.compare(b.isGrave(), a.isGrave())).limit(MAX_EMBEDDED).forEach(one -> {
                if (!kinds.contains(one.kind())) {
                    kinds.add(one.kind());
                }
                events.add(List.of(one.leg(), Math.round(one.atS() * 1000) / 1000.0, kinds.indexOf(one.kind()),
                    one.event().durationNs() == null ? 0 : one.event().durationNs(), one.isGrave() ? 1 : 0));
            });
        final Map<String, Object> data = new LinkedHashMap<>();
        data.put("kinds", kinds);
        data.put("list", events);
        return data;
    }
}
