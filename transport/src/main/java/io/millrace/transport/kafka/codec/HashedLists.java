package io.millrace.transport.kafka.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;

/**
 * Keeps Kafka's generated lists that are hash tables from taking minutes. They look for a free slot one after another,
 * and when they grow they move each element past all that follow it without a gap; hashes are those of names and
 * numbers, so whoever sends a request chooses them. A few thousand equal names cost a thread hours. Owned by the thread
 * that decodes.
 */
final class HashedLists {
    /**
     * A step takes three nanoseconds at the most. Names that end in running numbers, as honest ones often do, lie close
     * together, too: 20,000 of them take up to 200,000,000 by this count, and much less in truth.
     */
    private static final long MAX_STEP_COUNT = 300_000_000;
    private static final long MAX_STEP_COUNT_PER_ELEMENT = 20_000;
    private static final long HARMLESS_STEP_COUNT = 100_000_000;
    /** However many elements a request announces, the generated classes make room for so many at first. */
    private static final int FIRST_ROOM = 1000;
    /** Lists up to this length cost nothing whatever they hold and however many there are. */
    private static final int HARMLESS_COUNT = 20;
    /** Requests up to this length hold none that are much longer. */
    private static final int HARMLESS_LENGTH = 256;
    private static final Set<Short> REQUESTS = Set.of(ApiTable.JOIN_GROUP, ApiTable.CREATE_TOPICS,
        ApiTable.OFFSET_FOR_LEADER_EPOCH, ApiTable.ALTER_CONFIGS, ApiTable.DESCRIBE_LOG_DIRS,
        ApiTable.CREATE_PARTITIONS, ApiTable.ELECT_LEADERS, ApiTable.INCREMENTAL_ALTER_CONFIGS,
        ApiTable.OFFSET_DELETE);
    private static final Set<String> LISTS =
        Set.of("topics", "topic_partitions", "resources", "configs", "assignments", "protocols");
    /** In the order in which the generated classes hash them. */
    private static final List<String> KEYS =
        List.of("resource_type", "resource_name", "name", "topic", "config_operation", "partition_index");

    private long stepCount;
    private long elementCount;

    HashedLists() {
    }

    /**
     * Refuses a request that takes too long to decode.
     *
     * @param apiKey  of the request
     * @param version of the request
     * @param body    stays as it is
     */
    static void check(final short apiKey, final int version, final ByteBuffer body) {
        if (body.remaining() <= HARMLESS_LENGTH || !REQUESTS.contains(apiKey)) {
            return;
        }
        final Schema[] schemas = ApiMessageType.fromApiKey(apiKey).requestSchemas();
        if (version >= 0 && version < schemas.length && schemas[version] != null) {
            new HashedLists().add(schemas[version].read(body.duplicate()));
        }
    }

    private void add(final Struct struct) {
        for (final BoundField field : struct.schema().fields()) {
            if (struct.get(field) instanceof Object[] elements && elements.length > 0
                && elements[0] instanceof Struct first) {
                final List<String> keys = KEYS.stream().filter(key -> first.schema().get(key) != null).toList();
                if (elements.length > HARMLESS_COUNT && !keys.isEmpty() && LISTS.contains(field.def.name)) {
                    add(hashes(elements, keys));
                }
                for (final Object element : elements) {
                    add((Struct) element);
                }
            }
        }
    }

    private static int[] hashes(final Object[] elements, final List<String> keys) {
        final int[] hashes = new int[elements.length];
        for (int i = 0; i < hashes.length; i++) {
            for (final String key : keys) {
                final Object value = ((Struct) elements[i]).get(key);
                hashes[i] = 31 * hashes[i]
                    + (value instanceof Number number ? number.intValue() : Objects.hashCode(value));
            }
        }
        return hashes;
    }

    /** A table grows when it is filled to a half, at the latest with the last of the elements. */
    private void add(final int[] hashes) {
        elementCount += hashes.length;
        int capacity = capacity(Math.min(hashes.length, FIRST_ROOM));
        while (capacity / 2 - 1 < hashes.length) {
            countGrowth(fill(Arrays.copyOf(hashes, capacity / 2 - 1), capacity));
            capacity = capacity(capacity);
        }
        fill(hashes, capacity);
    }

    /** Each element is taken out, and all behind it up to the next gap are looked for and moved. */
    private void countGrowth(final int[] distances) {
        int at = 0;
        while (distances[at] >= 0) {
            at++; // it is filled to a half, so there is a gap
        }
        long runLength = 0;
        long runDistance = 0;
        for (int i = 1; i <= distances.length; i++) {
            final int distance = distances[(at + i) % distances.length];
            if (distance >= 0) {
                runLength++;
                runDistance += distance;
            } else {
                count(runLength * (runLength + runDistance));
                runLength = 0;
                runDistance = 0;
            }
        }
    }

    private static int capacity(final int count) {
        return 2 * count + 1;
    }

    private void count(final long moreStepCount) {
        stepCount += moreStepCount;
        if (stepCount > Math.min(
            MAX_STEP_COUNT, Math.max(HARMLESS_STEP_COUNT, elementCount * MAX_STEP_COUNT_PER_ELEMENT))) {
            throw new MalformedRequestException("lists of " + elementCount + " names or numbers that are equal or "
                + "almost so: name each once, and fewer in one request");
        }
    }

    /** {@return how far each slot's element is from where its hash would have it, -1 for a free slot} */
    private int[] fill(final int[] hashes, final int capacity) {
        final int[] distances = new int[capacity];
        Arrays.fill(distances, -1);
        for (final int hash : hashes) {
            int slot = (hash & Integer.MAX_VALUE) % capacity;
            int distance = 0;
            while (distances[slot] >= 0) {
                slot = slot + 1 == capacity ? 0 : slot + 1;
                distance++;
            }
            distances[slot] = distance;
            count(distance);
        }
        return distances;
    }

    /**
     * {@return for how many elements the only list of a response is to be made so that it does not grow}
     *
     * @param elements of the list
     * @param hash     of an element as the generated class has it
     */
    static <T> int room(final Collection<T> elements, final ToIntFunction<T> hash) {
        return new HashedLists().roomFor(elements, hash);
    }

    /**
     * {@return the same for one of several lists of a response, which together may take so long}
     *
     * @param elements of the list
     * @param hash     of an element as the generated class has it
     */
    <T> int roomFor(final Collection<T> elements, final ToIntFunction<T> hash) {
        final int room = 2 * elements.size() + 2;
        if (elements.size() > HARMLESS_COUNT) {
            elementCount += elements.size();
            fill(elements.stream().mapToInt(hash).toArray(), capacity(room));
        }
        return room;
    }
}
