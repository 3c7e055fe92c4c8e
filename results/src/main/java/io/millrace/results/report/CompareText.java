package io.millrace.results.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.results.statistics.Cell;
import io.millrace.results.statistics.Contest;
import io.millrace.results.statistics.RatioEstimate;
import io.millrace.results.statistics.Rules;
import io.millrace.results.statistics.Verdict;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A comparison as a table for the console, as Markdown and as JSON. */
public final class CompareText {
    private static final String SCHEMA = "bench/compare/v1";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private CompareText() {
    }

    /**
     * The table: plain ASCII.
     *
     * @param result what came out
     * @param base   name of the base side
     * @param other  name of the other side
     * @param rules  that were applied
     * @return lines, each ended
     */
    public static String table(
        final Contest.Result result, final String base, final String other, final Rules rules) {
        final StringBuilder text = new StringBuilder("base  ").append(base).append("\ncand  ").append(other)
            .append('\n').append(result.noise() == null ? "" : "note  " + result.noise() + "\n");
        if (!result.mismatches().isEmpty()) {
            text.append("\nNOT COMPARABLE, compared because it was asked for:\n");
            result.mismatches().forEach(mismatch -> text.append("  ").append(mismatch).append('\n'));
        }
        for (final Cell cell : result.cells()) {
            text.append('\n').append(cell.label().isEmpty() ? "" : cell.label() + "\n");
            final List<List<String>> rows = new ArrayList<>();
            rows.add(head(rules));
            cell.estimates().forEach(estimate -> rows.add(cells(estimate)));
            text.append(SummaryTable.aligned(rows));
            advice(cell).forEach((advice, figures) ->
                text.append("  ").append(String.join(", ", figures)).append(": ").append(advice).append('\n'));
        }
        if (!result.geomeans().isEmpty()) {
            text.append("\ngeometric means of the ratios\n");
            result.geomeans().forEach(mean -> text.append(String.format(java.util.Locale.ROOT,
                "  %-20s %7s   over %d%n", mean.figure().label(), Format.ratio(mean.ratio()), mean.count())));
        }
        text.append('\n').append(summary(result, rules)).append('\n');
        result.notes().forEach(note -> text.append("  ").append(note).append('\n'));
        return text.toString().replace("µs", "us").replace(Format.NONE, "-");
    }

    /**
     * Markdown, for a comment on a change.
     *
     * @param result what came out
     * @param base   name of the base side
     * @param other  name of the other side
     * @param rules  that were applied
     * @return lines, each ended
     */
    public static String markdown(
        final Contest.Result result, final String base, final String other, final Rules rules) {
        final StringBuilder text = new StringBuilder("### ").append(headline(result)).append("\n\nBase `").append(base)
            .append("`, candidate `").append(other).append("`. ").append(summary(result, rules)).append('\n');
        if (!result.mismatches().isEmpty()) {
            text.append('\n');
            result.mismatches().forEach(mismatch ->
                text.append("- **Not comparable:** ").append(mismatch).append('\n'));
        }
        for (final Cell cell : result.cells()) {
            text.append('\n').append(cell.label().isEmpty() ? "" : "**" + pipe(cell.label()) + "**\n\n");
            row(text, head(rules));
            text.append("|---|--:|--:|--:|:-:|--:|--:|---|\n");
            for (final RatioEstimate estimate : cell.estimates()) {
                final List<String> cells = new ArrayList<>(cells(estimate));
                final int last = cells.size() - 1;
                cells.set(last, sign(estimate.verdict()) + " " + (estimate.verdict() == Verdict.INCONCLUSIVE
                    || estimate.verdict() == Verdict.SAME ? cells.get(last) : "**" + cells.get(last) + "**")
                    + (estimate.advice().isEmpty() ? "" : " – " + estimate.advice()));
                row(text, cells);
            }
        }
        if (!result.geomeans().isEmpty()) {
            text.append("\n**Geometric means of the ratios**\n\n| | ratio | over |\n|---|--:|--:|\n");
            result.geomeans().forEach(mean -> row(text, List.of(mean.figure().label(), Format.ratio(mean.ratio()),
                String.valueOf(mean.count()))));
        }
        if (!result.notes().isEmpty() || result.noise() != null) {
            text.append('\n');
        }
        if (result.noise() != null) {
            text.append("- Machine: ").append(result.noise()).append(".\n");
        }
        result.notes().forEach(note -> text.append("- ").append(note).append('\n'));
        return text.toString();
    }

    /**
     * Why two sides are not compared, in Markdown.
     *
     * @param result what was found
     * @param base   name of the base side
     * @param other  name of the other side
     * @return lines, each ended
     */
    public static String refusal(final Contest.Result result, final String base, final String other) {
        final StringBuilder text = new StringBuilder("### Not comparable\n\nBase `").append(base)
            .append("`, candidate `").append(other).append("`.\n\n");
        result.mismatches().forEach(mismatch -> text.append("- ").append(mismatch).append('\n'));
        result.notes().forEach(note -> text.append("- ").append(note).append('\n'));
        return text.toString();
    }

    /**
     * JSON, for programs.
     *
     * @param result   what came out
     * @param base     name of the base side
     * @param other    name of the other side
     * @param rules    that were applied
     * @param exitCode of the command
     * @return one document, ended
     */
    public static String json(final Contest.Result result, final String base, final String other, final Rules rules,
        final int exitCode) {
        final Map<String, Object> document = new LinkedHashMap<>();
        document.put("schema", SCHEMA);
        document.put("base", base);
        document.put("candidate", other);
        document.put("threshold_ratio", rules.threshold());
        document.put("confidence", rules.confidence());
        document.put("exit_code", exitCode);
        document.put("mismatches", result.mismatches());
        document.put("notes", result.notes());
        document.put("machine", result.noise());
        final List<Object> cells = new ArrayList<>();
        for (final Cell cell : result.cells()) {
            final Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("cell", cell.label());
            fields.put("kind", cell.isJmh() ? "jmh" : "bench");
            fields.put("paired", cell.isPaired());
            fields.put("left_out", cell.leftOut());
            fields.put("figures", cell.estimates().stream().map(CompareText::fields).toList());
            cells.add(fields);
        }
        document.put("cells", cells);
        document.put("geomeans", result.geomeans().stream().map(mean -> {
            final Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("figure", mean.figure().key());
            fields.put("label", mean.figure().label());
            fields.put("cells", mean.count());
            fields.put("ratio", mean.ratio());
            return fields;
        }).toList());
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
        } catch (final JsonProcessingException ex) {
            throw new IllegalStateException("strings and numbers are always writable", ex);
        }
    }

    static Map<String, Object> fields(final RatioEstimate e) {
        final Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("figure", e.metric().key());
        fields.put("label", e.metric().label());
        fields.put("unit", e.metric().unit().name().toLowerCase(java.util.Locale.ROOT));
        fields.put("lower_is_better", e.metric().isLowerBetter());
        fields.put("base_median", finite(e.medianBase()));
        fields.put("candidate_median", finite(e.medianOther()));
        fields.put("base_runs", e.baseCount());
        fields.put("candidate_runs", e.otherCount());
        fields.put("ratio", finite(e.ratio()));
        fields.put("ci_low", finite(e.low()));
        fields.put("ci_high", finite(e.high()));
        fields.put("margin_ratio", finite(e.margin()));
        fields.put("p_rank", finite(e.rankP()));
        fields.put("p_decision", finite(e.decisionP()));
        fields.put("p_holm", finite(e.adjustedP()));
        fields.put("verdict", e.verdict().word());
        fields.put("more_runs", e.moreRuns());
        fields.put("advice", e.advice());
        return fields;
    }

    /** JSON has no word for what is no number. */
    private static Double finite(final double value) {
        return Double.isFinite(value) ? Double.valueOf(value) : null;
    }

    private static List<String> head(final Rules rules) {
        return List.of("", "base", "cand", "ratio", Format.percent(rules.confidence()) + " CI", "p rank", "p Holm",
            "verdict");
    }

    private static List<String> cells(final RatioEstimate e) {
        return List.of(e.metric().label(), Words.figure(e.metric(), e.medianBase()),
            Words.figure(e.metric(), e.medianOther()), Format.ratio(e.ratio()),
            e.hasInterval() ? Format.ratio(e.low()) + " .. " + Format.ratio(e.high()) : Format.NONE,
            probability(e.rankP()), probability(e.adjustedP()), e.verdict().word());
    }

    private static String probability(final double p) {
        return !Double.isFinite(p) ? Format.NONE : p < 0.001 ? "<0.001"
            : String.format(java.util.Locale.ROOT, "%.3f", p);
    }

    private static Map<String, List<String>> advice(final Cell cell) {
        final Map<String, List<String>> figuresByAdvice = new LinkedHashMap<>();
        cell.estimates().stream().filter(estimate -> !estimate.advice().isEmpty()).forEach(estimate ->
            figuresByAdvice.computeIfAbsent(estimate.advice(), a -> new ArrayList<>()).add(estimate.metric().label()));
        return figuresByAdvice;
    }

    private static String summary(final Contest.Result result, final Rules rules) {
        final List<String> parts = new ArrayList<>();
        for (final Verdict verdict : List.of(Verdict.REGRESSED, Verdict.IMPROVED, Verdict.SAME,
            Verdict.INCONCLUSIVE)) {
            final long count = result.estimates().stream().filter(e -> e.verdict() == verdict).count();
            if (count > 0) {
                parts.add(count + " " + verdict.word());
            }
        }
        final boolean isPaired = result.cells().stream().anyMatch(Cell::isPaired);
        return (parts.isEmpty() ? "Nothing was compared" : String.join(", ", parts)) + "; "
            + (isPaired ? "runs paired" : "sides independent") + ", threshold " + Format.percent(rules.threshold())
            + ", " + Format.percent(rules.confidence()) + " confidence over all verdicts together (Holm).";
    }

    private static String headline(final Contest.Result result) {
        return result.isViolated() ? "Candidate loses or damages records"
            : !result.mismatches().isEmpty() ? "Not comparable"
            : result.has(Verdict.REGRESSED) ? "Regressed"
            : result.has(Verdict.IMPROVED) ? "Improved"
            : result.has(Verdict.INCONCLUSIVE) ? "Inconclusive" : "Same";
    }

    private static String sign(final Verdict verdict) {
        return switch (verdict) {
            case IMPROVED -> "✅";
            case REGRESSED -> "❌";
            case SAME -> "🟰";
            default -> "❔";
        };
    }

    private static void row(final StringBuilder text, final List<String> cells) {
        cells.forEach(cell -> text.append("| ").append(pipe(cell)).append(' '));
        text.append("|\n");
    }

    private static String pipe(final String text) {
        return text.replace("|", "\\|");
    }
}
