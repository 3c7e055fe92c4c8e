package io.millrace.load.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns what a workload file says in several keys into the one word a setting takes; the word is checked when the
 * workload is built.
 *
 * @param name of the file, for messages
 */
record Structures(String name) {
    private static final List<String> PHASES = List.of("warmup", "measure", "backlog", "drain", "cooldown");

    /** {@code {dist: [[0.7, 128], [0.3, 1KiB]]}} or {@code {dist: FILE}}. */
    String size(final YamlNode node) {
        final YamlNode dist = only(node, "payload.size", "dist");
        if (dist.isScalar()) {
            return RecordLengths.PREFIX + dist.text();
        }
        final List<String> entries = new ArrayList<>();
        for (final YamlNode entry : dist.list() == null ? List.<YamlNode>of() : dist.list()) {
            if (entry.list() == null || entry.list().size() != 2) {
                throw YamlNode.problem(name, entry.line(), "payload.size.dist takes pairs of weight and length, such "
                    + "as [0.7, 128B]");
            }
            entries.add(text(entry.list().get(0)) + "x" + text(entry.list().get(1)));
        }
        return RecordLengths.PREFIX + String.join("+", entries);
    }

    /** {@code {type: burst, size: 1000}} and the like. */
    String arrival(final YamlNode node) {
        final String type = text(required(node, "load.arrival", "type"));
        return switch (type) {
            case "burst" -> {
                check(node, "load.arrival", List.of("type", "size"));
                yield "burst:" + text(required(node, "load.arrival", "size"));
            }
            case "ramp" -> {
                check(node, "load.arrival", List.of("type", "from", "to", "over"));
                yield "ramp:" + text(required(node, "load.arrival", "from")) + ".."
                    + text(required(node, "load.arrival", "to")) + "/" + text(required(node, "load.arrival", "over"));
            }
            case "step" -> {
                check(node, "load.arrival", List.of("type", "steps"));
                final List<String> steps = new ArrayList<>();
                final YamlNode list = required(node, "load.arrival", "steps");
                for (final YamlNode step : list.list() == null ? List.<YamlNode>of() : list.list()) {
                    if (step.list() == null || step.list().size() != 2) {
                        throw YamlNode.problem(name, step.line(), "load.arrival.steps takes pairs of time and rate, "
                            + "such as [10s, 50k]");
                    }
                    steps.add(text(step.list().get(0)) + "@" + text(step.list().get(1)));
                }
                yield "step:" + String.join("+", steps);
            }
            default -> {
                check(node, "load.arrival", List.of("type"));
                yield type;
            }
        };
    }

    /** {@code {type: zipf, count: 1M, skew: 0.99}}. */
    String keys(final YamlNode node) {
        check(node, "load.keys", List.of("type", "count", "skew"));
        final YamlNode count = node.map().get("count");
        final YamlNode skew = node.map().get("skew");
        return text(required(node, "load.keys", "type")) + (count == null ? "" : ":" + text(count))
            + (skew == null ? "" : ":" + text(skew));
    }

    /** One phase; {@return its name} They come in their order, each at most once. */
    String phase(final YamlNode node, final String last, final Map<String, String> settings) {
        if (node.map() == null || node.map().size() != 1) {
            throw YamlNode.problem(name, node.line(), "a phase has one key of " + PHASES + ", such as {warmup: 10s}");
        }
        final Map.Entry<String, YamlNode> entry = node.map().entrySet().iterator().next();
        final String phase = entry.getKey();
        final YamlNode value = entry.getValue();
        if (!PHASES.contains(phase)) {
            final String nearest = WorkloadKeys.nearest(phase, PHASES);
            throw YamlNode.problem(name, node.line(), "unknown phase " + phase
                + (nearest == null ? "" : "; did you mean " + nearest + "?") + " Known: " + PHASES);
        }
        if (PHASES.indexOf(phase) <= PHASES.indexOf(last)) {
            throw YamlNode.problem(name, node.line(), "phase " + phase + " cannot come after " + last
                + "; the order is " + PHASES + ", each at most once");
        }
        switch (phase) {
            case "warmup" -> settings.put("warmup", warmup(value));
            case "measure" -> {
                if (value.isScalar()) {
                    settings.put("duration", text(value));
                } else {
                    settings.put("num-records", text(only(value, "phases.measure", "records")));
                }
            }
            case "backlog" -> settings.put("backlog",
                text(value.isScalar() ? value : only(value, "phases.backlog", "build")));
            case "drain" -> drain(value, settings);
            default -> settings.put(phase, text(value));
        }
        return phase;
    }

    /** {@code {at: 20s, kill: {role: leader, signal: KILL}}} and the like. */
    String fault(final YamlNode node) {
        final List<String> actions = List.of("kill", "pause", "restart", "partition");
        final List<String> known = new ArrayList<>(actions);
        known.add("at");
        check(node, "faults", known);
        final List<String> given = node.map().keySet().stream().filter(actions::contains).toList();
        if (given.size() != 1) {
            throw YamlNode.problem(name, node.line(), "a fault has one of " + actions + ", such as {at: 20s, kill: "
                + "{role: leader}}");
        }
        final String action = given.get(0);
        final YamlNode what = node.map().get(action);
        final String at = text(required(node, "faults", "at"));
        if (what.isScalar()) {
            return at + " " + action + " " + text(what);
        }
        final boolean isTimed = "pause".equals(action) || "partition".equals(action);
        check(what, "faults." + action, isTimed ? List.of("role", "node", "for") : List.of("role", "node", "signal"));
        final YamlNode role = what.map().get("role");
        final YamlNode id = what.map().get("node");
        if ((role == null) == (id == null)) {
            throw YamlNode.problem(name, what.line(), "faults." + action + " takes either role or node");
        }
        final String target = role != null ? text(role) : "node-" + text(id);
        final YamlNode signal = what.map().get("signal");
        final String word = signal != null && "TERM".equalsIgnoreCase(text(signal)) ? "term" : action;
        if (signal != null && !List.of("KILL", "TERM").contains(text(signal).toUpperCase(java.util.Locale.ROOT))) {
            throw YamlNode.problem(name, signal.line(), "signal " + text(signal) + " is none of KILL, TERM; to stop a "
                + "process for a while there is pause");
        }
        return at + " " + word + " " + target
            + (isTimed ? " for " + text(required(what, "faults." + action, "for")) : "");
    }

    private String warmup(final YamlNode value) {
        if (value.isScalar()) {
            return text(value);
        }
        check(value, "phases.warmup", List.of("until", "max"));
        if (!"steady".equals(text(required(value, "phases.warmup", "until")))) {
            throw YamlNode.problem(name, value.line(), "phases.warmup.until knows one word: steady");
        }
        return "steady:" + text(required(value, "phases.warmup", "max"));
    }

    private void drain(final YamlNode value, final Map<String, String> settings) {
        if (value.isScalar()) {
            settings.put("drain", text(value));
            return;
        }
        check(value, "phases.drain", List.of("producers", "max"));
        if (value.map().containsKey("producers")) {
            settings.put("drain-producers", text(value.map().get("producers")));
        }
        if (value.map().containsKey("max")) {
            settings.put("drain", text(value.map().get("max")));
        }
    }

    private YamlNode only(final YamlNode node, final String path, final String key) {
        check(node, path, List.of(key));
        return required(node, path, key);
    }

    private YamlNode required(final YamlNode node, final String path, final String key) {
        final YamlNode found = node.map() == null ? null : node.map().get(key);
        if (found == null) {
            throw YamlNode.problem(name, node.line(), path + " needs the key " + key);
        }
        return found;
    }

    private void check(final YamlNode node, final String path, final List<String> keys) {
        if (node.map() == null) {
            throw YamlNode.problem(name, node.line(), path + " takes keys: " + keys);
        }
        node.map().forEach((key, value) -> {
            if (!keys.contains(key)) {
                final String nearest = WorkloadKeys.nearest(key, keys);
                throw YamlNode.problem(name, value.line(), "unknown key " + path + "." + key
                    + (nearest == null ? "" : "; did you mean " + nearest + "?") + " Known here: " + keys);
            }
        });
    }

    private String text(final YamlNode node) {
        if (!node.isScalar() || node.text() == null) {
            throw YamlNode.problem(name, node.line(), "one value is needed here");
        }
        return node.text();
    }
}
