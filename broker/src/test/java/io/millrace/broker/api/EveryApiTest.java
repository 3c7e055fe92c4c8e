package io.millrace.broker.api;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.codec.ApiTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever is advertised is served: each request in each version, made from Kafka's own schema, is decoded, handled and
 * answered with something that Kafka's own classes read to its last byte.
 */
class EveryApiTest {
    static List<Short> advertised() {
        final List<Short> keys = new ArrayList<>();
        for (int row = 0; row < ApiTable.count(); row++) {
            if (ApiTable.apiKey(row) != ApiTable.API_VERSIONS) { // answered before the handlers
                keys.add(ApiTable.apiKey(row));
            }
        }
        return keys;
    }

    @ParameterizedTest
    @MethodSource("advertised")
    void shouldAnswerEveryVersionWhenEveryFieldIsSet(final short apiKey) throws IOException {
        answerAll(apiKey, false);
    }

    @ParameterizedTest
    @MethodSource("advertised")
    void shouldAnswerEveryVersionWhenWhateverMayBeNullOrEmptyIsSo(final short apiKey) throws IOException {
        answerAll(apiKey, true);
    }

    private static void answerAll(final short apiKey, final boolean sparse) throws IOException {
        for (int v = ApiTable.minVersion(apiKey); v <= ApiTable.maxVersion(apiKey); v++) {
            final short version = (short) v;
            if (ApiTable.isServed(apiKey, version)) {
                final HandlerRig rig = new HandlerRig();
                final Schema schema = ApiMessageType.fromApiKey(apiKey).requestSchemas()[version];
                final Struct request = struct(schema, sparse);
                final ByteBuffer body = ByteBuffer.allocate(request.sizeOf());
                request.writeTo(body);
                body.flip();
                final TestSlot slot = rig.offer(apiKey, version, body);
                assertTrue(rig.answer(slot) != null, ApiTable.name(apiKey) + " " + version);
            }
        }
    }

    private static Struct struct(final Schema schema, final boolean sparse) {
        final Struct struct = new Struct(schema);
        for (final BoundField field : schema.fields()) {
            struct.set(field, value(field.def.name, field.def.type, sparse));
        }
        return struct;
    }

    private static Object value(final String name, final Type type, final boolean sparse) {
        if (type instanceof TaggedFields) {
            return new TreeMap<Integer, Object>();
        }
        if (type.isNullable() && sparse) {
            return null;
        }
        if (type.isArray()) {
            return sparse ? new Object[0] : new Object[] {value(name, type.arrayElementType().orElseThrow(), false)};
        }
        if (type instanceof Schema schema) {
            return struct(schema, sparse);
        }
        return scalar(name, type.toString(), sparse);
    }

    private static Object scalar(final String name, final String type, final boolean sparse) {
        if (type.endsWith("STRING")) {
            return sparse ? "" : name.contains("resource_name") || name.contains("name") || name.contains("topic")
                ? HandlerRig.TOPIC : "x";
        }
        if (type.endsWith("RECORDS")) {
            return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(new byte[10]));
        }
        if (type.endsWith("BYTES")) {
            return ByteBuffer.wrap(new byte[sparse ? 0 : 3]);
        }
        if (name.equals("acks")) {
            return (short) 1; // 0 takes no answer
        }
        return switch (type) {
            case "BOOLEAN" -> !sparse;
            case "INT8" -> (byte) (sparse ? 0 : name.contains("resource_type") ? 2 : 1);
            case "INT16" -> (short) (sparse ? 0 : 1);
            case "UINT16", "INT32" -> sparse ? 0 : 1;
            case "UINT32", "INT64" -> sparse ? 0L : 1L;
            case "FLOAT64" -> 0.5;
            case "UUID" -> sparse ? Uuid.ZERO_UUID : new Uuid(7, 7);
            default -> throw new IllegalArgumentException("no value for type " + type + " of field " + name);
        };
    }
}
