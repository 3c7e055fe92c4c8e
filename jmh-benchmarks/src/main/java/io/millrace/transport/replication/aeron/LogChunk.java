package io.millrace.transport.replication.aeron;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Log bytes for benchmarks: frame headers of 32 bytes with batches of about 1 KiB between them, from a fixed seed. */
final class LogChunk {
    private static final long SEED = 42;
    private static final int FRAME_LENGTH = 1024;
    private static final int HEADER_LENGTH = 32;
    private static final String[] WORDS = {"\"timestamp\":", "\"level\":\"info\",", "\"service\":\"checkout\",",
        "\"customer\":", "\"order\":", "\"status\":\"accepted\",", "\"amount\":", "\"currency\":\"EUR\","};

    private LogChunk() {
    }

    /**
     * Makes a chunk.
     *
     * @param length         of the chunk
     * @param isCompressible true for records of text as services write them, false for random bytes
     * @return direct memory, filled
     */
    static ByteBuffer of(final int length, final boolean isCompressible) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        if (isCompressible) {
            for (int frame = 0; frame < length; frame += FRAME_LENGTH) {
                text(bytes, frame + HEADER_LENGTH, Math.min(length, frame + FRAME_LENGTH), random);
            }
        }
        return ByteBuffer.allocateDirect(length).put(bytes).flip();
    }

    private static void text(final byte[] bytes, final int from, final int to, final SplittableRandom random) {
        int at = from;
        while (at < to) {
            final byte[] word = (WORDS[random.nextInt(WORDS.length)] + random.nextInt(1_000_000) + ",")
                .getBytes(StandardCharsets.US_ASCII);
            final int length = Math.min(word.length, to - at);
            System.arraycopy(word, 0, bytes, at, length);
            at += length;
        }
    }
}
