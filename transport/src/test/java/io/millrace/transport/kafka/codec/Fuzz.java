package io.millrace.transport.kafka.codec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/** Random material whose seed a failing test prints. */
final class Fuzz {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz-._0123456789äß";

    private Fuzz() {
    }

    /** {@return a new seed, or the one given to repeat a failure} */
    static long newSeed() {
        return Long.getLong("millrace.test.seed", System.nanoTime());
    }

    static RandomGenerator random(final long seed) {
        return new SplittableRandom(seed);
    }

    static String name(final RandomGenerator random) {
        final StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(1, 30); i > 0; i--) {
            name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return name.toString();
    }

    static byte[] bytes(final RandomGenerator random, final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static Uuid uuid(final RandomGenerator random) {
        return new Uuid(random.nextLong(), random.nextLong());
    }

    /** {@return an id as it is on the wire} */
    static byte[] bytes(final Uuid id) {
        return ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits())
            .array();
    }

    /** {@return a few brokers, often none} */
    static List<NodeEndpoint> endpoints(final RandomGenerator random) {
        final List<NodeEndpoint> endpoints = new ArrayList<>();
        if (random.nextBoolean()) {
            for (int i = random.nextInt(5); i > 0; i--) {
                endpoints.add(new NodeEndpoint(i, name(random).repeat(random.nextInt(1, 9)), random.nextInt(65536)));
            }
        }
        return endpoints;
    }

    static byte[] encode(final Message message, final int version) {
        final ByteBuffer buffer = MessageUtil.toByteBufferAccessor(message, (short) version).buffer();
        final byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** {@return the bytes in the middle of a larger buffer, so that a read past their end would go unpunished} */
    static UnsafeBuffer surrounded(final byte[] bytes, final int before) {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[before + bytes.length + 64]);
        buffer.setMemory(0, buffer.capacity(), (byte) 1);
        buffer.putBytes(before, bytes);
        return buffer;
    }
}
