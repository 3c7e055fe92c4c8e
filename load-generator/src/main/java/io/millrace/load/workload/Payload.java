package io.millrace.load.workload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * The filling of records: a pool of bytes made once from the seed, from which each record takes a piece of its own, so
 * that a batch of records does not compress because all are alike. Immutable, may be shared.
 */
public final class Payload {
    private static final int WORD_LENGTH = 8;
    private static final int VOCABULARY = 64;
    private static final int POOL_LENGTH = 4 << 20;
    private static final int MAX_FILE_LENGTH = 64 << 20;
    /** Random and compressible bytes take turns within so many. */
    private static final int TURN_LENGTH = 256;

    private final byte[] pool;

    private Payload(final byte[] pool) {
        this.pool = pool;
    }

    /**
     * Makes the pool.
     *
     * @param source what it is made of
     * @param seed   same seed, same bytes
     * @return the filling
     */
    public static Payload of(final Source source, final long seed) {
        return new Payload(source.kind() == Kind.FILE ? read(source.file()) : made(source, seed, POOL_LENGTH));
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
        return made(new Source(kind, null, 0), seed, length);
    }

    /**
     * Copies a piece of the pool.
     *
     * @param number of the piece; neighbours do not overlap as long as the pool is not used up
     * @param target takes it
     * @param index  of its first byte there, absolute
     * @param length of the piece
     */
    public void fill(final long number, final ByteBuffer target, final int index, final int length) {
        int from = (int) Math.floorMod(number * length, (long) pool.length);
        int done = 0;
        while (done < length) {
            final int part = Math.min(length - done, pool.length - from);
            target.put(index + done, pool, from, part);
            done += part;
            from = 0;
        }
    }

    private static byte[] made(final Source source, final long seed, final int length) {
        final SplittableRandom random = new SplittableRandom(seed);
        final byte[] body = new byte[length];
        if (source.kind() == Kind.RANDOM) {
            random.nextBytes(body);
            final int zeroes = (int) Math.round(TURN_LENGTH * source.compressible());
            for (int i = TURN_LENGTH - zeroes; zeroes > 0 && i < length; i += TURN_LENGTH) {
                java.util.Arrays.fill(body, i, Math.min(length, i + zeroes), (byte) 'x');
            }
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

    private static byte[] read(final Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            final byte[] bytes = in.readNBytes(MAX_FILE_LENGTH);
            if (bytes.length == 0) {
                throw new WorkloadException("payload: file=" + file + " is empty; name one with something in it");
            }
            return bytes;
        } catch (final IOException ex) {
            throw new WorkloadException("payload: file=" + file + " cannot be read: " + ex + "; name another");
        }
    }

    /** What the filling is like. */
    public enum Kind {
        /** Cannot be compressed, but for the part that is asked for. */
        RANDOM,
        /** Words from a small vocabulary. */
        COMPRESSIBLE,
        /** Bytes of a file, from its beginning again when it is used up. */
        FILE
    }

    /**
     * What records are filled with.
     *
     * @param kind         what it is like
     * @param file         the user's, null for the others
     * @param compressible part of a random filling that can be compressed away
     */
    public record Source(Kind kind, Path file, double compressible) {
        private static final String FILE_PREFIX = "file:";

        /**
         * Reads the option.
         *
         * @param text         what the user wrote
         * @param compressible see above
         * @return the value
         */
        public static Source of(final String text, final double compressible) {
            final String word = text.trim();
            if (word.startsWith(FILE_PREFIX)) {
                final Path file = Path.of(word.substring(FILE_PREFIX.length()));
                if (!Files.isReadable(file) || Files.isDirectory(file)) {
                    throw new WorkloadException("payload: file=" + file + " is no file that can be read; name another");
                }
                return new Source(Kind.FILE, file, compressible);
            }
            return switch (word) {
                case "random" -> new Source(Kind.RANDOM, null, compressible);
                case "compressible" -> new Source(Kind.COMPRESSIBLE, null, compressible);
                default -> throw new WorkloadException("payload: value=" + text
                    + " is none of random, compressible, file:PATH");
            };
        }

        /** {@return the word for it in options and results} */
        public String word() {
            return kind == Kind.FILE ? FILE_PREFIX + file : kind == Kind.RANDOM ? "random" : "compressible";
        }
    }
}
