package io.millrace.broker.node;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Requests of any kind as a client would write them, with random contents, and what may become of them on the way. */
final class RandomRequests {
    private static final int MAX_DEPTH = 4;
    private static final int[] EXTREMES = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 24, 0x7FFF0000};

    private final RandomGenerator random;
    private final List<String> names;

    RandomRequests(final RandomGenerator random, final List<String> names) {
        this.random = random;
        this.names = names;
    }

    /** {@return a whole request with its length in front} */
    byte[] request(final int apiKey, final int version, final int correlationId) {
        final ApiMessageType type = ApiMessageType.fromApiKey((short) apiKey);
        for (int i = 0; i < 3; i++) {
            final ApiMessage message = type.newRequest();
            fill(message, 0);
            try {
                return frame(type, version, correlationId, message);
            } catch (final RuntimeException ex) {
                // a field that this version does not have, or that may not be null in it
                continue;
            }
        }
        return frame(type, version, correlationId, type.newRequest());
    }

    static byte[] frame(
        final ApiMessageType type, final int version, final int correlationId, final Message message) {
        final ByteBuffer body = MessageUtil.toByteBufferAccessor(message, (short) version).buffer();
        final boolean isFlexible = type.requestHeaderVersion((short) version) >= 2;
        final ByteBuffer frame = ByteBuffer.allocate(4 + 2 + 2 + 4 + 2 + (isFlexible ? 1 : 0) + body.remaining());
        frame.putInt(frame.capacity() - 4).putShort(type.apiKey()).putShort((short) version).putInt(correlationId)
            .putShort((short) -1);
        if (isFlexible) {
            frame.put((byte) 0);
        }
        return frame.put(body).array();
    }

    /** {@return the bytes with something wrong, or as they are now and then} */
    byte[] mutate(final byte[] frame) {
        final byte[] bytes = frame.clone();
        switch (random.nextInt(6)) {
            case 0 -> {
                return bytes;
            }
            case 1 -> {
                for (int i = random.nextInt(1, 9); i > 0; i--) {
                    bytes[random.nextInt(4, bytes.length)] = (byte) random.nextInt();
                }
            }
            case 2 -> {
                final int at = random.nextInt(8, Math.max(9, bytes.length - 3));
                if (at + 4 <= bytes.length) {
                    ByteBuffer.wrap(bytes).putInt(at, EXTREMES[random.nextInt(EXTREMES.length)]);
                }
            }
            case 3 -> {
                final byte[] shorter = java.util.Arrays.copyOf(bytes, random.nextInt(4, bytes.length + 1));
                ByteBuffer.wrap(shorter).putInt(0, shorter.length - 4);
                return shorter;
            }
            case 4 -> ByteBuffer.wrap(bytes).putInt(0, random.nextInt(4) == 0
                ? EXTREMES[random.nextInt(EXTREMES.length)] : random.nextInt(bytes.length * 2));
            default -> {
                final byte[] longer = java.util.Arrays.copyOf(bytes, bytes.length + random.nextInt(1, 300));
                ByteBuffer.wrap(longer).putInt(0, longer.length - 4);
                return longer;
            }
        }
        return bytes;
    }

    private void fill(final Object message, final int depth) {
        for (final Method setter : message.getClass().getMethods()) {
            if (setter.getName().startsWith("set") && setter.getParameterCount() == 1 && random.nextInt(8) != 0
                && !setter.getName().equals("setNext") && !setter.getName().equals("setPrev")) {
                try {
                    final Object value = value(setter.getName(), setter.getGenericParameterTypes()[0],
                        setter.getParameterTypes()[0], depth);
                    if (value != null) {
                        setter.invoke(message, value);
                    }
                } catch (final ReflectiveOperationException ex) {
                    throw new AssertionError(ex);
                }
            }
        }
    }

    private Object value(final String name, final Type generic, final Class<?> type, final int depth)
        throws ReflectiveOperationException {
        if (type == int.class) {
            return random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(-1, 3);
        } else if (type == short.class) {
            return (short) (random.nextInt(5) == 0 ? random.nextInt() : random.nextInt(-1, 3));
        } else if (type == byte.class) {
            return (byte) random.nextInt(-1, 4);
        } else if (type == long.class) {
            return random.nextInt(5) == 0 ? random.nextLong() : random.nextLong(-6, 10);
        } else if (type == boolean.class) {
            return random.nextBoolean();
        } else if (type == String.class) {
            return random.nextInt(3) == 0 ? "x".repeat(random.nextInt(300)) : names.get(random.nextInt(names.size()));
        } else if (type == Uuid.class) {
            return new Uuid(random.nextLong(), random.nextLong());
        } else if (type == byte[].class) {
            return "some bytes".getBytes(StandardCharsets.UTF_8);
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(new byte[random.nextInt(20)]);
        } else if (name.equals("setRecords")) {
            return records();
        } else if (Collection.class.isAssignableFrom(type)) {
            return collection(generic, type, depth);
        } else if (type.getName().startsWith("org.apache.kafka.common.message.") && depth < MAX_DEPTH) {
            return element(type, depth);
        }
        return null;
    }

    private MemoryRecords records() {
        final SimpleRecord[] records = new SimpleRecord[random.nextInt(1, 4)];
        java.util.Arrays.setAll(records, i -> new SimpleRecord(i, new byte[random.nextInt(50)]));
        return MemoryRecords.withRecords(0, random.nextBoolean() ? Compression.NONE : Compression.gzip().build(),
            records);
    }

    @SuppressWarnings("unchecked")
    private Object collection(final Type generic, final Class<?> type, final int depth)
        throws ReflectiveOperationException {
        final boolean isList = type == List.class;
        final Type elementType = ((ParameterizedType) (isList ? generic : type.getGenericSuperclass()))
            .getActualTypeArguments()[0];
        final Collection<Object> collection = isList
            ? new ArrayList<>() : (Collection<Object>) type.getConstructor().newInstance();
        for (int i = depth < MAX_DEPTH ? random.nextInt(4) : 0; i > 0; i--) {
            final Object element = elementType == Integer.class ? Integer.valueOf(random.nextInt(-1, 5))
                : elementType == Long.class ? Long.valueOf(random.nextLong())
                : elementType instanceof Class<?> elementClass
                    ? value("", elementClass, elementClass, depth + 1) : null;
            if (element != null) {
                collection.add(element);
            }
        }
        return collection;
    }

    private Object element(final Class<?> type, final int depth) throws ReflectiveOperationException {
        if (Modifier.isAbstract(type.getModifiers())) {
            return null;
        }
        final Constructor<?> constructor = type.getConstructor();
        final Object element = constructor.newInstance();
        fill(element, depth + 1);
        return element;
    }
}
