package io.millrace.load.convert;

import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads command lines of kafka-producer-perf-test, or the properties it is given; no state. */
public final class KafkaPerfImport {
    private static final long MAX_FILE_LENGTH = 1 << 20;
    private static final List<String> OPTIONS = List.of("--topic", "--num-records", "--record-size", "--throughput",
        "--producer-props", "--producer.config", "--payload-file", "--payload-delimiter", "--payload-monotonic",
        "--print-metrics", "--transactional-id", "--transaction-duration-ms", "--warmup-records",
        "--reporting-interval", "--bootstrap-server", "--command-property", "--command-config");

    private final List<String> words;
    private final Path directory;
    private final Conversion to;
    private long recordCount = -1;
    private long warmupCount;
    private double throughput = -1;
    private long recordLength = 1024;

    private KafkaPerfImport(final List<String> words, final Path directory, final Conversion to) {
        this.words = words;
        this.directory = directory;
        this.to = to;
    }

    /**
     * Converts.
     *
     * @param text      a command line, over several lines if each but the last ends with a backslash; or properties
     * @param name      of the file it is from
     * @param directory in which files it names are looked for, or null
     * @return what it says in our words
     */
    public static Conversion convert(final String text, final String name, final Path directory) {
        final List<String> words = words(text);
        final boolean isCommand = words.stream().anyMatch(word -> word.startsWith("--"));
        final Conversion to = new Conversion("kafka-producer-perf-test: " + name);
        if (!isCommand) {
            Properties.of(text).forEach(to::producerProperty);
            to.remark("properties", "say nothing of rate, length and number of records; these are this tool's "
                + "defaults.");
            to.fitBatch(1024);
            return to;
        }
        final KafkaPerfImport from = new KafkaPerfImport(words, directory, to);
        from.options();
        from.conclude();
        return to;
    }

    private void options() {
        int at = 0;
        while (at < words.size()) {
            final String word = words.get(at);
            final int equals = word.indexOf('=');
            final String option = word.startsWith("--") && equals > 0 ? word.substring(0, equals) : word;
            final List<String> values = new ArrayList<>();
            if (word.startsWith("--") && equals > 0) {
                values.add(word.substring(equals + 1));
            }
            at++;
            while (word.startsWith("--") && at < words.size() && !words.get(at).startsWith("--")) {
                values.add(words.get(at++));
            }
            if (word.startsWith("--")) {
                option(option, values);
            } else if (at > 1 || !word.contains("kafka-producer-perf-test") && !word.endsWith("ProducerPerformance")) {
                to.remark(word, "is no option; it is left out.");
            }
        }
    }

    private void option(final String option, final List<String> values) {
        final String value = values.isEmpty() ? "" : values.get(0);
        switch (option) {
            case "--topic" -> to.set("topic", needed(option, value));
            case "--num-records" -> recordCount = Conversion.number(option, needed(option, value));
            case "--warmup-records" -> warmupCount = Conversion.number(option, needed(option, value));
            case "--record-size" -> recordLength = Conversion.number(option, needed(option, value));
            case "--throughput" -> throughput = decimal(option, needed(option, value));
            case "--producer-props", "--command-property" -> values.forEach(this::property);
            case "--producer.config", "--command-config" ->
                Properties.of(read(needed(option, value))).forEach(to::producerProperty);
            case "--bootstrap-server" -> to.set("bootstrap", needed(option, value));
            case "--payload-file" -> payload(needed(option, value));
            case "--payload-delimiter" -> to.remark(option + " " + value, "the file is taken as bytes here, each "
                + "record a piece of record-size.");
            case "--payload-monotonic" -> to.remark(option, "records carry sequence and checksum here instead of a "
                + "number that counts up.");
            case "--print-metrics" -> to.remark(option, "figures of the client's own are not printed.");
            case "--reporting-interval" -> to.remark(option + " " + value, "intervals are a second.");
            case "--transactional-id", "--transaction-duration-ms" ->
                to.remark(option + " " + value, "there are no transactions in a workload.");
            default -> {
                final String nearest = WorkloadKeys.nearest(option, OPTIONS);
                to.remark(String.join(" ", option, String.join(" ", values)).trim(), "is unknown and left out"
                    + (nearest == null ? "." : "; was " + nearest + " meant?"));
            }
        }
    }

    private void property(final String assignment) {
        final int equals = assignment.indexOf('=');
        if (equals < 1) {
            to.remark(assignment, "is not of the form key=value; it is left out.");
        } else {
            to.producerProperty(assignment.substring(0, equals), assignment.substring(equals + 1));
        }
    }

    private void payload(final String file) {
        final Path found = directory == null ? Path.of(file) : directory.resolve(file);
        if (Files.isRegularFile(found)) {
            to.set("payload", "file:" + found);
            to.remark("--payload-file " + file, "each line is a record there; here each record is a piece of "
                + recordLength + " bytes, set record-size.");
        } else {
            to.remark("--payload-file " + file, "was not found; records are filled at random.");
        }
    }

    private void conclude() {
        final long length = to.recordLength("--record-size", recordLength);
        to.set("record-size", length + "B");
        to.fitBatch(length);
        if (throughput >= 1) {
            to.set("rate", String.valueOf(to.bounded("--throughput", Math.round(throughput), 1, 100_000_000)));
        } else {
            to.set("rate", "-1");
            if (throughput >= 0) {
                to.remark("--throughput " + throughput, "is less than one record a second; nothing but the in-flight "
                    + "window paces this workload.");
            }
        }
        if (recordCount > 0) {
            to.set("num-records", String.valueOf(Math.max(1, recordCount - warmupCount)));
        }
        to.set("warmup", "0s");
        if (warmupCount > 0 && throughput >= 1) {
            to.set("warmup", Math.max(1, Math.round(warmupCount * 1000 / throughput)) + "ms");
        } else if (warmupCount > 0) {
            to.set("warmup", "5s");
            to.remark("--warmup-records " + warmupCount, "a warm-up has a time here; without a rate it is 5 s.");
        } else {
            to.remark("warm-up", "there is none there, so there is none here; --warmup 10s leaves the start out.");
        }
        to.set("producers", "1");
        to.remark("latency", "response times count from when a record was due, there from when it was sent.");
    }

    private static String needed(final String option, final String value) {
        if (value.isEmpty()) {
            throw new WorkloadException("convert: " + option + " has no value; mend the command line");
        }
        return value;
    }

    private static double decimal(final String option, final String value) {
        try {
            return Double.parseDouble(value);
        } catch (final NumberFormatException ex) {
            throw new WorkloadException("convert: " + option + "=" + value + " is no number; mend the command line");
        }
    }

    private String read(final String file) {
        final Path found = directory == null ? Path.of(file) : directory.resolve(file);
        try {
            if (Files.size(found) > MAX_FILE_LENGTH) {
                throw new WorkloadException("convert: " + found + " is longer than " + MAX_FILE_LENGTH
                    + " bytes; name a properties file");
            }
            return Files.readString(found);
        } catch (final IOException ex) {
            to.remark("--producer.config " + file, "cannot be read: what it says is left out.");
            return "";
        }
    }

    /** As a shell would: quotes hold words together, a backslash at the end of a line goes on with the next. */
    private static List<String> words(final String text) {
        final List<String> words = new ArrayList<>();
        final StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean isWord = false;
        final String joined = text.replaceAll("\\\\\\r?\\n", " ").replaceAll("(?m)^\\s*#.*$", "");
        for (final char c : joined.toCharArray()) {
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                isWord = true;
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (isWord) {
                    words.add(word.toString());
                    word.setLength(0);
                }
                isWord = false;
            } else {
                word.append(c);
                isWord = true;
            }
        }
        if (quote != 0) {
            throw new WorkloadException("convert: a quote is never closed; mend the command line");
        }
        if (isWord) {
            words.add(word.toString());
        }
        return words;
    }
}
