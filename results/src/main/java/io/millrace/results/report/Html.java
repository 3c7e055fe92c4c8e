package io.millrace.results.report;

/** Text into markup. Whatever comes from a file passes {@link #escape} before it reaches the page. */
final class Html {
    private Html() {
    }

    /** Escapes for element content and for attributes in either kind of quotes; control characters become a box. */
    static String escape(final Object value) {
        final String text = String.valueOf(value);
        final StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            final char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c < ' ' && c != '\n' && c != '\t' ? '\uFFFD' : c);
            }
        }
        return escaped.toString();
    }

    /** A paragraph of plain text. */
    static String paragraph(final String cssClass, final String text) {
        return "<p class=\"" + cssClass + "\">" + escape(text) + "</p>\n";
    }
}
