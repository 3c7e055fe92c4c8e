package io.millrace.results.report;

import io.millrace.results.model.RunParams;
import io.millrace.results.report.HtmlTable.Markup;
import io.millrace.results.statistics.LegSummary;
import io.millrace.results.store.RunData;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What an acknowledgement of each side promises, part by part, so that unequal things are not compared silently.
 * Belongs to the method that renders.
 */
final class Promises {
    private static final String ACKS = "acks";
    private static final String ACKNOWLEDGED = "acknowledged when";
    private static final String WAITS_FOR = "acknowledged by";
    private static final String PROFILE = "profile";
    private static final String SYNC = "synced to disk";
    private static final String SYNCED = "synced before the answer";
    /** Parts that decide what a record survives, or what a figure pays for; of others a difference means nothing. */
    private static final Set<String> DECISIVE = Set.of(ACKS, WAITS_FOR, ACKNOWLEDGED, "replicas of a partition",
        "in sync at least", PROFILE, SYNCED, SYNC, "in words");
    /** What a comparison of a system with itself may well ask about; a difference in these alone is its subject. */
    private static final Set<String> ASKED = Set.of(ACKS, WAITS_FOR, ACKNOWLEDGED, PROFILE, SYNCED, SYNC);
    /** Parts in free words, which count only where the plain one beside them is not known of every side. */
    private static final Map<String, String> PLAINER = Map.of(ACKNOWLEDGED, WAITS_FOR, SYNC, SYNCED);
    private static final int MAX_PROMISES = 6;
    private static final int MAX_SIDES = 4;
    private static final double NS_PER_MS = 1e6;

    /** Sides by promise, in the order they occur; an empty promise is one that nothing is known of. */
    private final Map<Map<String, String>, Set<String>> sidesByPromise = new LinkedHashMap<>();
    private final int sideCount;

    private Promises(final List<LegSummary> legs) {
        sideCount = legs.size();
        for (final LegSummary leg : legs) {
            for (final RunData run : leg.runs()) {
                sidesByPromise.computeIfAbsent(parts(run), p -> new LinkedHashSet<>()).add(leg.label());
            }
        }
    }

    static Promises of(final List<LegSummary> legs) {
        return new Promises(legs);
    }

    /** {@return true if any run says what it promises} */
    boolean isKnown() {
        return sidesByPromise.keySet().stream().anyMatch(parts -> !parts.isEmpty());
    }

    /** {@return decisive parts in which the promises differ; empty if they do not, or are not known} */
    List<String> differences() {
        final List<Map<String, String>> known = sidesByPromise.keySet().stream().filter(p -> !p.isEmpty()).toList();
        return names().stream().filter(DECISIVE::contains)
            .filter(name -> !PLAINER.containsKey(name)
                || known.stream().anyMatch(parts -> !parts.containsKey(PLAINER.get(name))))
            .filter(name -> known.stream().map(parts -> parts.get(name)).filter(Objects::nonNull).distinct()
                .count() > 1).toList();
    }

    /** {@return true if they differ in more than what a comparison of one system with itself would ask about} */
    boolean isUnfair() {
        return differences().stream().anyMatch(name -> !ASKED.contains(name))
            || !differences().isEmpty() && systems() > 1;
    }

    /** {@return a sentence for whoever reads the figures, null if the promises are equal or not known} */
    String caveat() {
        final List<String> differences = differences();
        return differences.isEmpty() ? null : "The sides do not promise the same with an acknowledgement (they differ "
            + "in: " + String.join(", ", differences) + "). Part of the difference in the figures pays for that.";
    }

    /** {@return the table, null if nothing is known} */
    String table() {
        if (!isKnown()) {
            return null;
        }
        final List<Map<String, String>> shown = sidesByPromise.keySet().stream().limit(MAX_PROMISES).toList();
        final Set<String> differences = Set.copyOf(differences());
        final List<Object> head = new ArrayList<>(List.of(""));
        shown.forEach(parts -> head.add(sides(sidesByPromise.get(parts))));
        final HtmlTable table = new HtmlTable("durability", "What an acknowledgement promises"
            + (sidesByPromise.size() > MAX_PROMISES ? "; " + (sidesByPromise.size() - MAX_PROMISES)
            + " more promises are in the runs' run.json" : "")).head(head);
        for (final String name : names()) {
            final List<Object> row = new ArrayList<>();
            row.add(new Markup(Html.escape(name) + (differences.contains(name)
                ? " <span class=\"chip bad\">≠ unequal</span>" : "")));
            shown.forEach(parts -> row.add(parts.isEmpty() ? "not known"
                : Objects.requireNonNullElse(parts.get(name), Format.NONE)));
            table.row(row);
        }
        return table.end();
    }

    private long systems() {
        return sidesByPromise.keySet().stream().map(parts -> parts.get("system")).filter(Objects::nonNull).distinct()
            .count();
    }

    private Set<String> names() {
        final Set<String> names = new LinkedHashSet<>();
        sidesByPromise.keySet().forEach(parts -> names.addAll(parts.keySet()));
        return names;
    }

    private String sides(final Set<String> sides) {
        if (sidesByPromise.size() == 1) {
            return sideCount > 1 ? "every side" : String.join("; ", sides);
        }
        return sides.stream().limit(MAX_SIDES).collect(Collectors.joining("; "))
            + (sides.size() > MAX_SIDES ? " and " + (sides.size() - MAX_SIDES) + " more" : "");
    }

    /** What this run was promised; of several kinds of acknowledgement only the one it asked for. */
    private static Map<String, String> parts(final RunData run) {
        final Map<String, Object> params = run.document().params();
        final String words = run.document().findings() == null ? null : run.document().findings().durability();
        final Map<String, String> said = new LinkedHashMap<>();
        if (params.get(RunParams.DURABILITY) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> said.put(String.valueOf(key), String.valueOf(value)));
        }
        final Map<String, String> parts = new LinkedHashMap<>();
        if (said.isEmpty() && words == null) {
            return parts;
        }
        final Object acks = params.get(RunParams.ACKS);
        put(parts, "system", said.isEmpty() ? params.get(RunParams.TARGET) : said.remove("system"));
        put(parts, "nodes", said.remove("nodes"));
        final String replicas = said.remove("replicas");
        put(parts, "replicas of a partition", params.get(RunParams.REPLICATION_FACTOR) instanceof Number number
            ? Format.count(number.doubleValue()) : replicas);
        put(parts, "in sync at least", params.get("min_insync_replicas"));
        put(parts, ACKS, acks);
        final String ofAll = said.remove("acks_all");
        final String ofLeader = said.remove("acks_leader");
        final String waitsFor = said.remove("waits_for");
        final String waitsForLeader = said.remove("waits_for_leader");
        put(parts, WAITS_FOR, "none".equals(acks) && waitsFor != null ? "nobody"
            : "leader".equals(acks) && waitsForLeader != null ? waitsForLeader : waitsFor);
        put(parts, ACKNOWLEDGED, "all".equals(acks) ? ofAll : "leader".equals(acks) ? ofLeader
            : said.isEmpty() ? null : "it is sent: nothing is waited for");
        put(parts, PROFILE, params.get(RunParams.PROFILE));
        final String synced = said.remove("synced");
        put(parts, SYNCED, !"by profile".equals(synced) ? synced
            : "durable".equals(params.get(RunParams.PROFILE)) ? "yes" : "no");
        put(parts, SYNC, said.remove("sync"));
        put(parts, "batching", said.remove("batching"));
        put(parts, "batch, linger", batch(params));
        final Map<String, String> settings = new TreeMap<>();
        said.forEach((key, value) -> {
            if (key.startsWith("setting ")) {
                settings.put(key.substring("setting ".length()), value);
            } else {
                put(parts, key.replace('_', ' '), value);
            }
        });
        put(parts, "settings that are not its defaults", settings.isEmpty() ? null : settings.entrySet().stream()
            .map(setting -> setting.getKey() + "=" + setting.getValue()).collect(Collectors.joining("; ")));
        put(parts, "in words", ofAll == null && ofLeader == null ? words : null);
        return parts;
    }

    private static String batch(final Map<String, Object> params) {
        return params.get("batch_bytes") instanceof Number length && params.get("linger_ns") instanceof Number linger
            ? "up to " + Format.binaryBytes(length.doubleValue()) + ", "
            + Format.trimmed(linger.doubleValue() / NS_PER_MS) + " ms" : null;
    }

    private static void put(final Map<String, String> parts, final String name, final Object value) {
        if (value != null) {
            parts.put(name, String.valueOf(value));
        }
    }
}
