package io.millrace.load.workload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long records are: all the same, or drawn from a list of weights and lengths. Immutable.
 *
 * <p>The length of a record is a function of the seed, its producer, its partition and its sequence: so whoever reads a
 * record back knows how long it must be, without anything being kept.
 */
public final class RecordLengths {
    /** Before a distribution: {@code dist:0.7x128B+0.25x1KiB} or {@code dist:FILE}. */
    public static final String PREFIX = "dist:";

    private static final int MAX_ENTRIES = 1_000;
    private static final long MAX_FILE_LENGTH = 1 << 20;

    private final int[] lengths;
    /** Cumulated weights, the last one is 1. */
    private final double[] limits;
    private final long seed;
    private final double meanLength;
    private final int minLength;
    private final int maxLength;

    private RecordLengths(final int[] lengths, final double[] weights, final long seed) {
        this.lengths = lengths;
        this.seed = seed;
        limits = new double[weights.length];
        double total = 0;
        for (final double weight : weights) {
            total += weight;
        }
        double sum = 0;
        double mean = 0;
        int min = Integer.MAX_VALUE;
        int max = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] / total;
            limits[i] = sum;
            mean += lengths[i] * weights[i] / total;
            min = Math.min(min, lengths[i]);
            max = Math.max(max, lengths[i]);
        }
        limits[limits.length - 1] = 1;
        meanLength = mean;
        minLength = min;
        maxLength = max;
    }

    /**
     * Reads the option.
     *
     * @param text what the user wrote: a length, {@code dist:WEIGHTxLENGTH+...}, or {@code dist:FILE} with a weight and
     *             a length a line
     * @param seed of the workload
     * @return the lengths
     */
    public static RecordLengths of(final String text, final long seed) {
        final String trimmed = text.trim();
        if (!trimmed.startsWith(PREFIX)) {
            return new RecordLengths(new int[] {length(trimmed)}, new double[] {1}, seed);
        }
        final String body = trimmed.substring(PREFIX.length());
        final List<String[]> entries = body.matches("[0-9.]+x.*") ? inline(body) : file(body);
        if (entries.isEmpty() || entries.size() > MAX_ENTRIES) {
            throw new WorkloadException("record-size: value=" + text + " has " + entries.size() + " entries; give 1 to "
                + MAX_ENTRIES);
        }
        final int[] lengths = new int[entries.size()];
        final double[] weights = new double[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            weights[i] = weight(entries.get(i)[0]);
            lengths[i] = length(entries.get(i)[1]);
        }
        return new RecordLengths(lengths, weights, seed);
    }

    /** {@return true if all records are of the same length} */
    public boolean isFixed() {
        return minLength == maxLength;
    }

    /** {@return shortest record} */
    public int minLength() {
        return minLength;
    }

    /** {@return longest record} */
    public int maxLength() {
        return maxLength;
    }

    /** {@return expected length} */
    public double meanLength() {
        return meanLength;
    }

    /**
     * {@return length of one record}
     *
     * @param producerId of the record
     * @param partition  of the record
     * @param sequence   of the record
     */
    public int length(final int producerId, final int partition, final int sequence) {
        if (minLength == maxLength) {
            return maxLength;
        }
        final double drawn = Mix.unit(seed, (long) producerId << 32 ^ partition, sequence);
        int i = 0;
        while (drawn >= limits[i] && i < limits.length - 1) {
            i++;
        }
        return lengths[i];
    }

    /** {@return as the option has it, in exact units} */
    public String word() {
        if (lengths.length == 1) {
            return Units.exactLength(lengths[0]);
        }
        final StringBuilder text = new StringBuilder(PREFIX);
        double before = 0;
        for (int i = 0; i < lengths.length; i++) {
            text.append(i == 0 ? "" : "+").append(String.format(Locale.ROOT, "%.6g", limits[i] - before))
                .append('x').append(Units.exactLength(lengths[i]));
            before = limits[i];
        }
        return text.toString();
    }

    private static List<String[]> inline(final String body) {
        final List<String[]> entries = new ArrayList<>();
        for (final String entry : body.split("\\+", -1)) {
            final int x = entry.indexOf('x');
            if (x < 1) {
                throw new WorkloadException("record-size: value=" + entry + " is not of the form weight x length, such "
                    + "as 0.7x128B");
            }
            entries.add(new String[] {entry.substring(0, x).trim(), entry.substring(x + 1).trim()});
        }
        return entries;
    }

    private static List<String[]> file(final String name) {
        final Path file = Path.of(name);
        try {
            if (Files.size(file) > MAX_FILE_LENGTH) {
                throw new WorkloadException("record-size: file=" + name + " is longer than " + MAX_FILE_LENGTH
                    + " bytes; is it the right one?");
            }
            final List<String[]> entries = new ArrayList<>();
            for (final String line : Files.readAllLines(file)) {
                final String entry = line.replaceAll("#.*", "").trim();
                if (!entry.isEmpty()) {
                    final String[] fields = entry.split("[\\s,;]+");
                    if (fields.length != 2) {
                        throw new WorkloadException("record-size: file=" + name + " line=\"" + line + "\" is not a "
                            + "weight and a length, such as: 0.7 128B");
                    }
                    entries.add(fields);
                }
            }
            return entries;
        } catch (final IOException | java.io.UncheckedIOException ex) {
            throw new WorkloadException("record-size: file=" + name + " cannot be read (" + ex + "); give a length, "
                + "dist:0.7x128B+0.3x1KiB, or dist: and a file with a weight and a length a line");
        }
    }

    private static double weight(final String text) {
        try {
            final double weight = Double.parseDouble(text);
            if (weight > 0 && weight < 1e9) {
                return weight;
            }
        } catch (final NumberFormatException ex) {
            // falls through: the same message
        }
        throw new WorkloadException("record-size: weight=" + text + " is no number above 0");
    }

    private static int length(final String text) {
        final long length = Units.lengthOf("record-size", text);
        if (length < RecordHeader.LENGTH || length > WorkloadBuilder.MAX_RECORD_LENGTH) {
            throw new WorkloadException("record-size: value=" + length + " is out of bounds; use "
                + RecordHeader.LENGTH + " to " + WorkloadBuilder.MAX_RECORD_LENGTH + " B");
        }
        return (int) length;
    }
}
