package io.millrace.results.report;

import io.millrace.results.model.JmhResult;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.stream.Collectors;

/** Figures of JMH for human eyes; the unit is JMH's and stands beside them. */
final class JmhFormat {
    private static final MathContext DIGITS = new MathContext(4);
    private static final MathContext BRIEF = new MathContext(3);
    private static final double LARGE = 1000;
    private static final double SMALL = 1e-5;

    private JmhFormat() {
    }

    /** Four significant digits, thousands in full; the dash if there is none. */
    static String score(final double score) {
        if (!Double.isFinite(score)) {
            return Format.NONE;
        }
        if (Math.abs(score) >= LARGE) {
            return String.format(Locale.ROOT, "%,.0f", score);
        }
        if (Math.abs(score) < SMALL) {
            return score == 0 ? "0" : String.format(Locale.ROOT, "%.1e", score);
        }
        return new BigDecimal(score).round(DIGITS).stripTrailingZeros().toPlainString();
    }

    /** Three significant digits, in thousands or millions from a thousand on. */
    static String brief(final double score) {
        final double size = Math.abs(score);
        return size < LARGE ? new BigDecimal(score).round(BRIEF).stripTrailingZeros().toPlainString()
            : size < 999.5e3 ? Format.digits(score / 1e3) + " k" : size < 999.5e6 ? Format.digits(score / 1e6) + " M"
            : Format.digits(score / 1e9) + " G";
    }

    static String params(final JmhResult result) {
        final String params = result.params().entrySet().stream()
            .map(param -> param.getKey() + "=" + param.getValue()).collect(Collectors.joining(", "));
        return result.threads() == 1 ? params
            : params + (params.isEmpty() ? "" : ", ") + result.threads() + " threads";
    }
}
