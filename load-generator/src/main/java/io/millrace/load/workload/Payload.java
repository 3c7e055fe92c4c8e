package io.millrace.load.workload;

import java.util.SplittableRandom;

/** The filling of a record, made once per run from the seed. */
public final class Payload {
    private static final int WORD_LENGTH = 8;
    private static final int VOCABULARY = 64;

    private Payload() {
    }

    /**
     * Makes the bytes of one record, header room included.
     *
     * @param kind   random bytes, or words that LZ4 shortens to about a third
     * @param length of the record
     * @param seed   same seed, same bytes
     * @return the bytes
     */
    public static byte[] make(final Kind kind, final int length, final long seed) {
        final SplittableRandom random = new SplittableRandom(seed);
        final byte[] body = new byte[length];
        if (kind == Kind.RANDOM) {
            random.nextBytes(body);
            return body;
        }
        final byte[] vocabulary = new byte[VOCABULARY * WORD_LENGTH];
        random.nextBytes(vocabulary);
        for (int i = 0; i < length; i += WORD_LENGTH) {
            final int word = random.nextInt(VOCABULARY);
            System.arraycopy(vocabulary, word * WORD_LENGTH, body, i, Math.min(WORD_LENGTH, length - i));
        }
        return body;
    }

    /** What the filling is like. */
    public enum Kind {
        /** Cannot be compressed. */
        RANDOM,
        /** Words from a small vocabulary. */
        COMPRESSIBLE;

        /** {@return the word for it in options and results} */
        public String word() {
            return this == RANDOM ? "random" : "compressible";
        }

        /**
         * Reads the option.
         *
         * @param text what the user wrote
         * @return the value
         */
        public static Kind of(final String text) {
            return switch (text.trim()) {
                case "random" -> RANDOM;
                case "compressible" -> COMPRESSIBLE;
                default -> throw new WorkloadException("payload: value=" + text + " is none of random, compressible");
            };
        }
    }
}
