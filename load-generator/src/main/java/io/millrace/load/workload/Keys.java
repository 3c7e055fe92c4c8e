package io.millrace.load.workload;

import java.util.Arrays;
import java.util.Locale;

/**
 * Which key a record carries, a function of the seed, its producer and its number. Immutable, may be shared.
 *
 * <p>A record with a key goes to the partition the key's hash names, as Kafka's own clients do it; without keys the
 * driver chooses partitions in turn.
 */
public final class Keys {
    /** Bytes of a key: "k" and its number in 15 digits. */
    public static final int LENGTH = 16;

    private static final int MAX_COUNT = 1_000_000;
    private static final int DIGITS = LENGTH - 1;

    private enum Kind { NONE, ROUND_ROBIN, UNIFORM, ZIPF }

    private final Kind kind;
    private final int count;
    private final double skew;
    private final long seed;
    /** Cumulated probabilities of a zipf distribution. */
    private final double[] limits;

    private Keys(final Kind kind, final int count, final double skew, final long seed) {
        this.kind = kind;
        this.count = count;
        this.skew = skew;
        this.seed = seed;
        limits = kind == Kind.ZIPF ? zipf(count, skew) : null;
    }

    /**
     * Reads the option.
     *
     * @param text what the user wrote: none, round-robin:1000, uniform:100k, zipf:1M or zipf:1M:0.99
     * @param seed of the workload
     * @return the keys
     */
    public static Keys of(final String text, final long seed) {
        final String[] parts = text.trim().toLowerCase(Locale.ROOT).split(":", -1);
        final Kind kind = switch (parts[0]) {
            case "none" -> Kind.NONE;
            case "round-robin" -> Kind.ROUND_ROBIN;
            case "uniform" -> Kind.UNIFORM;
            case "zipf" -> Kind.ZIPF;
            default -> throw new WorkloadException("keys: value=" + text + " is none of none, round-robin:N, "
                + "uniform:N, zipf:N, zipf:N:SKEW");
        };
        final int most = kind == Kind.NONE ? 1 : kind == Kind.ZIPF ? 3 : 2;
        if (parts.length > most || kind != Kind.NONE && parts.length < 2) {
            throw new WorkloadException("keys: value=" + text + " has the wrong number of parts; use none, "
                + "round-robin:N, uniform:N, zipf:N or zipf:N:SKEW");
        }
        final long count = kind == Kind.NONE ? 0 : Units.countOf("keys", parts[1]);
        if (kind != Kind.NONE && (count < 1 || count > MAX_COUNT)) {
            throw new WorkloadException("keys: value=" + count + " is out of bounds; use 1 to " + MAX_COUNT);
        }
        return new Keys(kind, (int) count, kind == Kind.ZIPF ? skew(parts) : 0, seed);
    }

    /** {@return true if records carry none} */
    public boolean isNone() {
        return kind == Kind.NONE;
    }

    /**
     * {@return the key's number, from 0}
     *
     * @param producerId of the record
     * @param number     of the record among the producer's, from 0
     */
    public int key(final int producerId, final long number) {
        return switch (kind) {
            case ROUND_ROBIN -> (int) ((number + producerId) % count);
            case UNIFORM -> (int) (Mix.unit(seed, ~producerId, number) * count);
            case ZIPF -> {
                final int found = Arrays.binarySearch(limits, Mix.unit(seed, ~producerId, number));
                yield Math.min(count - 1, found < 0 ? -found - 1 : found + 1);
            }
            default -> 0;
        };
    }

    /**
     * Writes a key's bytes.
     *
     * @param key    its number
     * @param target at least {@value #LENGTH} bytes
     */
    public static void write(final int key, final byte[] target) {
        target[0] = 'k';
        int rest = key;
        for (int i = DIGITS; i > 0; i--) {
            target[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /**
     * {@return the partition of a key, by the hash that Kafka's clients use}
     *
     * @param key        its bytes
     * @param partitions of the topic
     */
    public static int partition(final byte[] key, final int partitions) {
        return (Murmur2.hash(key, LENGTH) & Integer.MAX_VALUE) % partitions;
    }

    /** {@return as the option has it} */
    public String word() {
        return switch (kind) {
            case ROUND_ROBIN -> "round-robin:" + count;
            case UNIFORM -> "uniform:" + count;
            case ZIPF -> "zipf:" + count + ":" + skew;
            default -> "none";
        };
    }

    private static double skew(final String[] parts) {
        if (parts.length < 3) {
            return 0.99;
        }
        try {
            final double skew = Double.parseDouble(parts[2]);
            if (skew > 0 && skew <= 10) {
                return skew;
            }
        } catch (final NumberFormatException ex) {
            // falls through: the same message
        }
        throw new WorkloadException("keys: skew=" + parts[2] + " is no number above 0 and up to 10");
    }

    private static double[] zipf(final int count, final double skew) {
        final double[] limits = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.pow(i + 1, -skew);
            limits[i] = sum;
        }
        for (int i = 0; i < count; i++) {
            limits[i] /= sum;
        }
        return limits;
    }
}
