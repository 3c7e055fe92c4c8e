package io.millrace.results.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;

/** The two sizes each chart is drawn in, and the axes all of them share. */
final class Frame {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Frame() {
    }

    /**
     * A size to draw for; the style sheet shows the one that fits the screen.
     *
     * @param cssClass "wide" or "narrow"
     * @param width    of the drawing
     * @param left     room for the labels of the vertical axis
     * @param right    room at the right
     */
    record Size(String cssClass, int width, int left, int right) {
        static final Size WIDE = new Size("wide", 1000, 74, 24);
        static final Size NARROW = new Size("narrow", 360, 54, 10);
        static final List<Size> ALL = List.of(WIDE, NARROW);

        boolean isWide() {
            return this == WIDE;
        }

        double plotLeft() {
            return left;
        }

        double plotRight() {
            return width - right;
        }
    }

    /** Horizontal lines with labels for a vertical scale. */
    static void vertical(
        final Svg svg, final Size size, final Scale y, final int wanted, final DoubleFunction<String> label) {
        for (final double tick : y.ticks(wanted)) {
            svg.line("grid", size.plotLeft(), y.at(tick), size.plotRight(), y.at(tick));
            svg.text("tick", "end", size.plotLeft() - 8, y.at(tick) + 4, label.apply(tick));
        }
    }

    /** The name of a vertical axis, written above it. */
    static void title(final Svg svg, final Size size, final double y, final String title) {
        svg.text("axis-title", "start", size.isWide() ? size.plotLeft() : 2, y, title);
    }

    /** What the pointer reads out along the horizontal axis. */
    static final class Hover {
        private final List<Map<String, Object>> points = new ArrayList<>();

        void add(final double x, final String label, final List<String[]> values) {
            final Map<String, Object> point = new LinkedHashMap<>();
            point.put("x", Math.round(x * 10) / 10.0);
            point.put("l", label);
            point.put("v", values);
            points.add(point);
        }

        String json() {
            try {
                return points.isEmpty() ? null : MAPPER.writeValueAsString(points);
            } catch (final JsonProcessingException ex) {
                throw new IllegalStateException("strings and numbers are always writable", ex);
            }
        }
    }
}
