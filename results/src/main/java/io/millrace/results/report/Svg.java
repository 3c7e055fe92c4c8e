package io.millrace.results.report;

import java.util.List;
import java.util.Locale;

/** One drawing under construction; belongs to the method that draws. Looks come from the style sheet's classes. */
final class Svg {
    private final StringBuilder body = new StringBuilder(4096);
    private final int width;
    private final int height;

    Svg(final int width, final int height) {
        this.width = width;
        this.height = height;
    }

    /** A point of a line. */
    record Point(double x, double y) {
    }

    Svg line(final String cssClass, final double x1, final double y1, final double x2, final double y2) {
        body.append("<line class=\"").append(cssClass).append("\" x1=\"").append(n(x1)).append("\" y1=\"")
            .append(n(y1)).append("\" x2=\"").append(n(x2)).append("\" y2=\"").append(n(y2)).append("\"/>");
        return this;
    }

    Svg polyline(final String cssClass, final List<Point> points) {
        if (points.size() > 1) {
            body.append("<polyline class=\"").append(cssClass).append("\" points=\"");
            points.forEach(p -> body.append(n(p.x())).append(',').append(n(p.y())).append(' '));
            body.setLength(body.length() - 1);
            body.append("\"/>");
        }
        return this;
    }

    Svg rect(final String cssClass, final double x, final double y, final double w, final double h) {
        body.append("<rect class=\"").append(cssClass).append("\" x=\"").append(n(x)).append("\" y=\"").append(n(y))
            .append("\" width=\"").append(n(Math.max(0, w))).append("\" height=\"").append(n(Math.max(0, h)))
            .append("\"/>");
        return this;
    }

    /** Many rectangles of one look: x, y, width, height each. */
    Svg cells(final String cssClass, final List<double[]> cells) {
        if (!cells.isEmpty()) {
            body.append("<path class=\"").append(cssClass).append("\" d=\"");
            cells.forEach(c -> body.append('M').append(n(c[0])).append(' ').append(n(c[1])).append('h').append(n(c[2]))
                .append('v').append(n(c[3])).append("h-").append(n(c[2])).append('z'));
            body.append("\"/>");
        }
        return this;
    }

    /** An area between two lines, the second one walked backwards. */
    Svg area(final String cssClass, final List<Point> upper, final List<Point> lower) {
        if (upper.size() > 1 && lower.size() > 1) {
            body.append("<polygon class=\"").append(cssClass).append("\" points=\"");
            upper.forEach(p -> body.append(n(p.x())).append(',').append(n(p.y())).append(' '));
            for (int i = lower.size() - 1; i >= 0; i--) {
                body.append(n(lower.get(i).x())).append(',').append(n(lower.get(i).y())).append(i == 0 ? "" : " ");
            }
            body.append("\"/>");
        }
        return this;
    }

    /** A window of the drawing which the page's script may stretch along the horizontal axis. */
    Svg beginWindow(final double left, final double right) {
        body.append("<svg class=\"zoom\" x=\"").append(n(left)).append("\" y=\"0\" width=\"").append(n(right - left))
            .append("\" height=\"").append(height).append("\" viewBox=\"").append(n(left)).append(" 0 ")
            .append(n(right - left)).append(' ').append(height).append("\" preserveAspectRatio=\"none\">");
        return this;
    }

    Svg endWindow() {
        body.append("</svg>");
        return this;
    }

    Svg begin(final String cssClass) {
        body.append("<g class=\"").append(cssClass).append("\">");
        return this;
    }

    /** A group which the browser explains when the pointer rests on it. */
    Svg beginTitled(final String cssClass, final String title) {
        begin(cssClass);
        body.append("<title>").append(Html.escape(title)).append("</title>");
        return this;
    }

    /** A rectangle with round ends. */
    Svg pill(final String cssClass, final double x, final double y, final double w, final double h) {
        body.append("<rect class=\"").append(cssClass).append("\" x=\"").append(n(x)).append("\" y=\"").append(n(y))
            .append("\" width=\"").append(n(w)).append("\" height=\"").append(n(h)).append("\" rx=\"")
            .append(n(h / 2)).append("\"/>");
        return this;
    }

    Svg end() {
        body.append("</g>");
        return this;
    }

    /** A mark whose shape tells the side too: circle, square, triangle, diamond. */
    Svg mark(final String cssClass, final int shape, final double x, final double y, final double r) {
        switch (shape % 4) {
            case 0 -> body.append("<circle class=\"").append(cssClass).append("\" cx=\"").append(n(x))
                .append("\" cy=\"").append(n(y)).append("\" r=\"").append(n(r)).append("\"/>");
            case 1 -> rect(cssClass, x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
            case 2 -> polygon(cssClass, x, y - r * 1.2, x + r * 1.1, y + r * 0.8, x - r * 1.1, y + r * 0.8);
            default -> polygon(cssClass, x, y - r * 1.3, x + r * 1.3, y, x, y + r * 1.3, x - r * 1.3, y);
        }
        return this;
    }

    Svg text(final String cssClass, final String anchor, final double x, final double y, final String text) {
        body.append("<text class=\"").append(cssClass).append("\" text-anchor=\"").append(anchor).append("\" x=\"")
            .append(n(x)).append("\" y=\"").append(n(y)).append("\">").append(Html.escape(text)).append("</text>");
        return this;
    }

    /** The element; the hover data is what {@code report.js} reads. */
    String end(final String cssClass, final String label, final String hoverJson) {
        return "<svg class=\"" + cssClass + "\" viewBox=\"0 0 " + width + " " + height + "\" role=\"img\" aria-label=\""
            + Html.escape(label) + "\"" + (hoverJson == null ? "" : " data-hover=\"" + Html.escape(hoverJson) + "\"")
            + ">" + body + "</svg>\n";
    }

    private void polygon(final String cssClass, final double... xy) {
        body.append("<polygon class=\"").append(cssClass).append("\" points=\"");
        for (int i = 0; i < xy.length; i += 2) {
            body.append(i == 0 ? "" : " ").append(n(xy[i])).append(',').append(n(xy[i + 1]));
        }
        body.append("\"/>");
    }

    private static String n(final double value) {
        final double rounded = Math.round(value * 10) / 10.0;
        return rounded == Math.rint(rounded) ? Long.toString((long) rounded)
            : String.format(Locale.ROOT, "%.1f", rounded);
    }
}
