package io.millrace.load.workload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A workload as YAML, checked against the schema: a key that is not known is an error with its line and the key that
 * was probably meant. Owned by one thread.
 */
public final class WorkloadFile {
    /** The version this code reads and writes. */
    public static final String SCHEMA = "bench/workload/v1";

    private static final String CONFIGS = "target.topic.configs";
    private static final long MAX_LENGTH = 1 << 20;
    private static final int MAX_AXIS_VALUES = 1_000;
    private static final List<String> PRESETS = List.of("first-look", "acks-tail", "aeron-32", "aeron-288",
        "aeron-1344", "burst", "poisson", "ramp", "skewed-keys", "mixed-sizes", "compressed", "many-partitions",
        "end-to-end", "backlog", "failover", "max-rate", "durability-matrix");

    private final String name;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final Map<String, List<String>> axes = new LinkedHashMap<>();
    private final Set<String> knownPaths = new LinkedHashSet<>();

    private WorkloadFile(final String name) {
        this.name = name;
        for (final WorkloadKeys.Key key : WorkloadKeys.all()) {
            if (!key.path().startsWith(WorkloadKeys.PHASES)) {
                knownPaths.add(key.path());
            }
        }
        knownPaths.addAll(List.of("schema", "phases", "matrix", CONFIGS));
    }

    /**
     * Reads a file of the user's, or a preset.
     *
     * @param nameOrFile name of a preset, or path of a file
     * @return the workload
     */
    public static WorkloadFile read(final String nameOrFile) {
        final Path file = Path.of(nameOrFile);
        if (!Files.exists(file)) {
            if (PRESETS.contains(nameOrFile)) {
                return parse(preset(nameOrFile), nameOrFile);
            }
            final String nearest = WorkloadKeys.nearest(nameOrFile, PRESETS);
            throw new WorkloadException("workload: " + nameOrFile + " is neither a file nor a preset; "
                + (nearest == null ? "" : "did you mean " + nearest + "? ") + "See 'millrace bench list'");
        }
        try {
            if (Files.isDirectory(file) || Files.size(file) > MAX_LENGTH) {
                throw new WorkloadException("workload: " + nameOrFile + " is a directory or longer than " + MAX_LENGTH
                    + " bytes; name a workload file");
            }
            return parse(Files.readString(file), nameOrFile);
        } catch (final IOException ex) {
            throw new WorkloadException("workload: " + nameOrFile + " cannot be read: " + ex);
        }
    }

    /**
     * Reads a document.
     *
     * @param document YAML
     * @param name     for messages
     * @return the workload
     */
    public static WorkloadFile parse(final String document, final String name) {
        final WorkloadFile file = new WorkloadFile(name);
        final YamlNode root = YamlNode.parse(document, name);
        if (root.map() == null) {
            throw YamlNode.problem(name, root.line(), "is no mapping of keys; it begins with schema: " + SCHEMA);
        }
        final YamlNode schema = root.map().get("schema");
        if (schema == null || !SCHEMA.equals(schema.text())) {
            throw YamlNode.problem(name, schema == null ? 1 : schema.line(), "schema="
                + (schema == null ? "(none)" : schema.text()) + " is not " + SCHEMA + "; add it as the first line");
        }
        file.walk("", root);
        return file;
    }

    /** {@return names of the presets} */
    public static List<String> presets() {
        return PRESETS;
    }

    /**
     * {@return the text of a preset}
     *
     * @param preset its name
     */
    public static String preset(final String preset) {
        try (InputStream in = PRESETS.contains(preset)
            ? WorkloadFile.class.getResourceAsStream("preset/" + preset + ".yaml") : null) {
            if (in == null) {
                final String nearest = WorkloadKeys.nearest(preset, PRESETS);
                throw new WorkloadException("preset: name=" + preset + " is unknown; "
                    + (nearest == null ? "" : "did you mean " + nearest + "? ") + "There are " + PRESETS);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException ex) {
            throw new WorkloadException("preset: name=" + preset + " cannot be read: " + ex);
        }
    }

    /**
     * Sets what the file says.
     *
     * @param builder takes it
     */
    public void applyTo(final WorkloadBuilder builder) {
        settings.forEach((key, value) -> {
            try {
                builder.set(key, value);
            } catch (final WorkloadException ex) {
                throw new WorkloadException(name + ": " + ex.getMessage());
            }
        });
    }

    /** {@return values to cross, by setting; in the order of the file} */
    public Map<String, List<String>> axes() {
        return axes;
    }

    private void walk(final String prefix, final YamlNode node) {
        node.map().forEach((key, value) -> {
            final String path = prefix.isEmpty() ? key : prefix + "." + key;
            if (!isSpecial(path, value)) {
                if (knownPaths.contains(path)) {
                    put(path, scalar(path, value));
                } else if (knownPaths.stream().anyMatch(known -> known.startsWith(path + "."))) {
                    if (value.map() == null) {
                        throw YamlNode.problem(name, value.line(), path + " takes keys: " + children(path));
                    }
                    walk(path, value);
                } else {
                    throw unknown(prefix, key, value.line());
                }
            }
        });
    }

    private boolean isSpecial(final String path, final YamlNode value) {
        switch (path) {
            case "schema" -> { }
            case "matrix" -> axes(value);
            case "phases" -> phases(value);
            case "target.bootstrap" -> put(path, joined(path, value, ","));
            case "slo" -> put(path, joined(path, value, "; "));
            case "faults" -> faults(value);
            case "verify" -> verify(value);
            case CONFIGS -> entries(path, value).forEach((key, config) ->
                settings.put(WorkloadKeys.TOPIC_CONFIG_PREFIX + key, scalar(path + "." + key, config)));
            case "payload.size", "load.arrival", "load.keys" -> {
                if (value.isScalar()) {
                    return false;
                }
                put(path, structured(path, value));
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private String structured(final String path, final YamlNode value) {
        final Structures structures = new Structures(name);
        return switch (path) {
            case "payload.size" -> structures.size(value);
            case "load.arrival" -> structures.arrival(value);
            default -> structures.keys(value);
        };
    }

    private void phases(final YamlNode value) {
        if (value.list() == null) {
            throw YamlNode.problem(name, value.line(), "phases takes a list, such as [{warmup: 10s}, {measure: 60s}]");
        }
        final Structures structures = new Structures(name);
        String last = "";
        for (final YamlNode item : value.list()) {
            last = structures.phase(item, last, settings);
        }
    }

    private void faults(final YamlNode value) {
        if (value.isScalar()) {
            put("faults", scalar("faults", value));
            return;
        }
        final Structures structures = new Structures(name);
        final List<String> steps = new ArrayList<>();
        for (final YamlNode item : value.list() == null ? List.<YamlNode>of() : value.list()) {
            steps.add(structures.fault(item));
        }
        put("faults", String.join("; ", steps));
    }

    /** All parts of the verification are one pass over the records: either all of them or none. */
    private void verify(final YamlNode value) {
        if (value.isScalar()) {
            put("verify", scalar("verify", value));
            return;
        }
        final Set<String> parts = Set.of("loss", "duplicates", "order", "crc");
        final Set<Boolean> wanted = new LinkedHashSet<>();
        entries("verify", value).forEach((key, part) -> {
            if (!parts.contains(key)) {
                throw unknown("verify", key, part.line(), parts);
            }
            wanted.add(!List.of("false", "no", "off").contains(scalar("verify." + key, part)));
        });
        if (wanted.size() > 1) {
            throw YamlNode.problem(name, value.line(), "verify checks loss, duplicates, order and crc in one pass; "
                + "switch all of them on or off");
        }
        put("verify", String.valueOf(wanted.isEmpty() || wanted.contains(true)));
    }

    private void axes(final YamlNode value) {
        entries("matrix", value).forEach((key, values) -> {
            final WorkloadKeys.Key found = WorkloadKeys.find(key);
            if (found == null && !key.startsWith(WorkloadKeys.TOPIC_CONFIG_PREFIX)) {
                throw unknown("matrix", key, values.line(),
                    WorkloadKeys.all().stream().map(WorkloadKeys.Key::path).toList());
            }
            final List<String> choices = new ArrayList<>();
            for (final YamlNode item : values.list() == null ? List.of(values) : values.list()) {
                choices.add(item.isScalar() ? scalar("matrix." + key, item) : structured(found == null ? key
                    : found.path(), item));
            }
            if (choices.isEmpty() || choices.size() > MAX_AXIS_VALUES) {
                throw YamlNode.problem(name, values.line(), "matrix." + key + " has " + choices.size()
                    + " values; give 1 to " + MAX_AXIS_VALUES);
            }
            axes.put(found == null ? key : found.name(), List.copyOf(choices));
        });
    }

    private Map<String, YamlNode> entries(final String path, final YamlNode value) {
        if (value.map() == null) {
            throw YamlNode.problem(name, value.line(), path + " takes keys and values");
        }
        return value.map();
    }

    private String joined(final String path, final YamlNode value, final String separator) {
        if (value.isScalar()) {
            return scalar(path, value);
        }
        final List<String> items = new ArrayList<>();
        for (final YamlNode item : value.list() == null ? List.<YamlNode>of() : value.list()) {
            items.add(scalar(path, item));
        }
        return String.join(separator, items);
    }

    private void put(final String path, final String value) {
        settings.put(WorkloadKeys.find(path).name(), value);
    }

    private String scalar(final String path, final YamlNode value) {
        if (!value.isScalar()) {
            throw YamlNode.problem(name, value.line(), path + " takes one value");
        }
        return value.text() == null ? "" : value.text();
    }

    private List<String> children(final String prefix) {
        final Set<String> children = new LinkedHashSet<>();
        final String start = prefix.isEmpty() ? "" : prefix + ".";
        for (final String path : knownPaths) {
            if (path.startsWith(start)) {
                children.add(path.substring(start.length()).split("\\.")[0]);
            }
        }
        return List.copyOf(children);
    }

    private WorkloadException unknown(final String prefix, final String key, final int line) {
        return unknown(prefix, key, line, children(prefix));
    }

    private WorkloadException unknown(
        final String prefix, final String key, final int line, final Iterable<String> choices) {
        final String nearest = WorkloadKeys.nearest(key, choices);
        return YamlNode.problem(name, line, "unknown key " + (prefix.isEmpty() ? "" : prefix + ".") + key
            + (nearest == null ? "" : "; did you mean " + nearest + "?") + " Known here: " + choices);
    }
}
