package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.jmh.Smoke;
import java.lang.reflect.Field;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That every benchmark of this package runs. */
@Timeout(600)
class CodecBenchmarksSmokeTest {
    @Test
    void shouldRun() {
        Smoke.run(ProduceDecodeBenchmark.class, 5, Map.of("batchLength", "1024"));
    }

    /** The cursor also adds up where the batches lie, which the message classes do not know. */
    @Test
    void shouldReadTheSameWhenCursorAndMessageClassesReadARequest() throws ReflectiveOperationException {
        final ProduceDecodeBenchmark benchmark = new ProduceDecodeBenchmark();
        set(benchmark, "partitionCount", 3);
        set(benchmark, "batchLength", 100);
        benchmark.encode();
        final long classes = benchmark.kafkaClients();
        assertEquals(7 - 1 + 30_000 + 3 * (100 + "orders".length()) + 1 + 2, classes);
        assertEquals(classes, benchmark.kafkaRequests());
        assertTrue(benchmark.cursor() > classes);
    }

    private static void set(final Object target, final String name, final int value)
        throws ReflectiveOperationException {
        final Field field = target.getClass().getDeclaredField(name);
        field.setAccessible(true);
        field.setInt(target, value);
    }
}
