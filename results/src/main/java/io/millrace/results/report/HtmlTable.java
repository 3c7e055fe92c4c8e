package io.millrace.results.report;

import java.util.List;

/** A table: first column names the row, the others hold figures. Belongs to the method that builds it. */
final class HtmlTable {
    private final StringBuilder html = new StringBuilder(1024);
    private boolean hasBody;

    HtmlTable(final String id, final String caption) {
        html.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").append(Html.escape(caption))
            .append("\"><table id=\"").append(id).append("\"><caption>").append(Html.escape(caption))
            .append("</caption>\n");
    }

    /** Markup that is safe already. */
    record Markup(String html) {
    }

    HtmlTable head(final List<?> cells) {
        html.append("<thead><tr>");
        for (final Object cell : cells) {
            html.append("<th scope=\"col\">").append(markup(cell)).append("</th>");
        }
        html.append("</tr></thead>\n");
        return this;
    }

    HtmlTable row(final List<?> cells) {
        body();
        html.append("<tr>");
        for (int i = 0; i < cells.size(); i++) {
            html.append(i == 0 ? "<th scope=\"row\">" : "<td>").append(markup(cells.get(i)))
                .append(i == 0 ? "</th>" : "</td>");
        }
        html.append("</tr>\n");
        return this;
    }

    /** A row that names those below it. */
    HtmlTable group(final String name, final int columnCount) {
        body();
        html.append("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"").append(columnCount).append("\">")
            .append(Html.escape(name)).append("</th></tr>\n");
        return this;
    }

    String end() {
        return html.append(hasBody ? "</tbody>" : "").append("</table></div>\n").toString();
    }

    private void body() {
        if (!hasBody) {
            html.append("<tbody>\n");
            hasBody = true;
        }
    }

    private static String markup(final Object cell) {
        return cell instanceof Markup safe ? safe.html() : Html.escape(cell);
    }
}
