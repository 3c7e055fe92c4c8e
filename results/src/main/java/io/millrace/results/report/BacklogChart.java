package io.millrace.results.report;

import io.millrace.results.store.RunData;
import io.millrace.results.statistics.LegSummary;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Records that wait for the consumers, from when these stand still until they have caught up, with phases marked. */
final class BacklogChart {
    private static final int MAX_TRACKS = 24;
    /** Of more, the read-out would cover the chart. */
    private static final int MAX_READ_OUT = 6;
    /** More lines than that are drawn thin. */
    private static final int FEW = 6;
    private static final double LINE = 17;
    private static final double GAP = 40;

    private final List<BacklogTrack> tracks = new ArrayList<>();
    private final double fromS;
    private final double toS;

    BacklogChart(final List<LegSummary> legs) {
        for (int leg = 0; leg < legs.size(); leg++) {
            for (final RunData run : legs.get(leg).runs()) {
                final BacklogTrack track = tracks.size() < MAX_TRACKS ? BacklogTrack.of(run, leg,
                    legs.get(leg).label() + (legs.get(leg).runs().size() > 1 ? ", run " + run.document().pair() : ""))
                    : null;
                if (track != null) {
                    tracks.add(track);
                }
            }
        }
        fromS = tracks.stream().mapToDouble(track -> track.points().get(0).atS()).min().orElse(0);
        toS = tracks.stream().flatMap(track -> track.points().stream()).mapToDouble(BacklogTrack.Point::atS).max()
            .orElse(1);
    }

    boolean hasData() {
        return !tracks.isEmpty();
    }

    String draw() {
        final StringBuilder html = new StringBuilder();
        Frame.Size.ALL.forEach(size -> html.append(draw(size)));
        return html.toString();
    }

    /** What the marks mean; the sides first, if there is more than one. */
    String legend(final List<LegSummary> legs) {
        final StringBuilder legend = new StringBuilder("<p class=\"legend\">");
        if (tracks.stream().mapToInt(BacklogTrack::leg).distinct().count() > 1) {
            tracks.stream().mapToInt(BacklogTrack::leg).distinct().forEach(leg -> legend.append("<span>")
                .append(Tables.key(leg)).append(Html.escape(legs.get(leg).label())).append("</span>"));
        }
        return legend.append(tracks.size() == 1 ? "" : "<span>filled: consumers go on</span><span>hollow: caught "
            + "up, or given up</span>").append("<span><i class=\"key line-key\" aria-hidden=\"true\"></i>received by "
            + "the consumers</span><span><i class=\"key dash-key\" aria-hidden=\"true\"></i>written and acknowledged"
            + "</span></p>\n").toString();
    }

    private String draw(final Frame.Size size) {
        final double high = size.isWide() ? 190 : 150;
        final double low = size.isWide() ? 120 : 110;
        final double top = 28 + 3 * LINE;
        final double bottom = top + high + GAP + low;
        final Svg svg = new Svg(size.width(), (int) (bottom + 46));
        final Scale x = new Scale(false, fromS, Math.max(fromS + 1, toS), size.plotLeft(), size.plotRight());
        if (tracks.size() == 1 && Double.isFinite(tracks.get(0).goOnS())) {
            final double until = Double.isFinite(tracks.get(0).endS()) ? tracks.get(0).endS() : toS;
            svg.rect("band", x.at(tracks.get(0).goOnS()), top - 4,
                x.at(until) - x.at(tracks.get(0).goOnS()), bottom - top + 4);
        }
        final Scale waiting = panel(svg, size, top, high, "records that wait for the consumers",
            most(BacklogTrack.Point::waiting));
        final double second = top + high + GAP;
        final Scale rate = panel(svg, size, second, low, "records per second",
            Math.max(most(BacklogTrack.Point::writtenPerS), most(BacklogTrack.Point::receivedPerS)));
        for (final double tick : x.ticks(size.isWide() ? 12 : 6)) {
            svg.text("tick", "middle", x.at(tick), bottom + 18, Format.trimmed(tick));
        }
        svg.text("axis-title", "end", size.plotRight(), bottom + 38, "seconds since the consumers stood still");
        phases(svg, size, x, top, bottom);
        final String look = tracks.size() > FEW ? "curve thin leg" : "curve leg";
        for (final BacklogTrack track : tracks) {
            line(svg, look + track.leg(), track, x, waiting, BacklogTrack.Point::waiting);
            steps(svg, look + track.leg() + " written", track, x, rate, BacklogTrack.Point::writtenPerS);
            steps(svg, look + track.leg(), track, x, rate, BacklogTrack.Point::receivedPerS);
        }
        for (final BacklogTrack track : tracks) {
            mark(svg, "mark leg", track, track.goOnS(), x, waiting);
            mark(svg, "mark hollow leg", track, track.endS(), x, waiting);
        }
        return svg.end(size.cssClass(), "Records that wait for the consumers over time, and how fast they were written "
            + "and received; the table below has the figures", hover(x));
    }

    private double most(final ToDoubleFunction<BacklogTrack.Point> figure) {
        return tracks.stream().flatMap(track -> track.points().stream()).mapToDouble(figure).max().orElse(1);
    }

    private static Scale panel(final Svg svg, final Frame.Size size, final double top, final double height,
        final String title, final double most) {
        final Scale y = Scale.fromZero(most, top + height, top);
        Frame.title(svg, size, top - 12, title);
        Frame.vertical(svg, size, y, 4, Format::shortCount);
        svg.line("axis", size.plotLeft(), top + height, size.plotRight(), top + height);
        return y;
    }

    /** One run has its phases named, each on a line of its own; those of several differ, and are marks on the lines. */
    private void phases(
        final Svg svg, final Frame.Size size, final Scale x, final double top, final double bottom) {
        phase(svg, size, x, 0, 0, "consumers stand still", top, bottom);
        if (tracks.size() == 1) {
            final BacklogTrack track = tracks.get(0);
            phase(svg, size, x, 1, track.goOnS(), "consumers go on", top, bottom);
            phase(svg, size, x, 2, track.endS(), track.isCaughtUp() ? "caught up" : "given up", top, bottom);
        }
    }

    private static void phase(final Svg svg, final Frame.Size size, final Scale x, final int line, final double atS,
        final String name, final double top, final double bottom) {
        if (Double.isFinite(atS)) {
            final double at = x.at(atS);
            final boolean isLeft = at < (size.plotLeft() + size.plotRight()) / 2;
            final double y = 14 + line * LINE;
            svg.line("phase", at, y - 10, at, bottom);
            svg.text("label small", isLeft ? "start" : "end", at + (isLeft ? 7 : -7), y, name);
        }
    }

    private static void mark(final Svg svg, final String cssClass, final BacklogTrack track, final double atS,
        final Scale x, final Scale y) {
        if (Double.isFinite(atS)) {
            svg.mark(cssClass + track.leg(), track.leg(), x.at(atS), y.at(track.waitingAt(atS)), 5);
        }
    }

    private static void line(final Svg svg, final String cssClass, final BacklogTrack track, final Scale x,
        final Scale y, final ToDoubleFunction<BacklogTrack.Point> figure) {
        svg.polyline(cssClass, track.points().stream()
            .map(point -> new Svg.Point(x.at(point.atS()), y.at(figure.applyAsDouble(point)))).toList());
    }

    /** A rate holds from the end of the second before to that of its own. */
    private static void steps(final Svg svg, final String cssClass, final BacklogTrack track, final Scale x,
        final Scale y, final ToDoubleFunction<BacklogTrack.Point> figure) {
        final List<Svg.Point> points = new ArrayList<>();
        for (int i = 1; i < track.points().size(); i++) {
            final double height = y.at(figure.applyAsDouble(track.points().get(i)));
            points.add(new Svg.Point(x.at(track.points().get(i - 1).atS()), height));
            points.add(new Svg.Point(x.at(track.points().get(i).atS()), height));
        }
        svg.polyline(cssClass, points);
    }

    private String hover(final Scale x) {
        final Frame.Hover hover = new Frame.Hover();
        if (tracks.size() <= MAX_READ_OUT) {
            final BacklogTrack longest = tracks.stream()
                .max(java.util.Comparator.comparingInt(track -> track.points().size())).orElseThrow();
            for (final BacklogTrack.Point at : longest.points()) {
                hover.add(x.at(at.atS()), Format.trimmed(at.atS()) + " s", tracks.stream()
                    .filter(track -> at.atS() <= track.points().get(track.points().size() - 1).atS()).map(track ->
                    new String[] {track.name(), Format.count(track.waitingAt(at.atS())) + " waiting"
                        + (track == longest ? ", written " + Format.rate(at.writtenPerS()) + ", received "
                        + Format.rate(at.receivedPerS()) : "")}).toList());
            }
        }
        return hover.json();
    }
}
