package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionLimitTest {
    @Test
    void shouldKeepOpenFilesForLogsWhenThereAreFewerThanConnectionsAllowed() {
        final List<String> warnings = new ArrayList<>();
        assertEquals(16_384, ConnectionLimit.within(16_384, 20_000, warnings::add));
        assertEquals(100, ConnectionLimit.within(100, 1_024, warnings::add));
        assertTrue(warnings.isEmpty());
        assertEquals(8_000, ConnectionLimit.within(16_384, 10_000, warnings::add));
        assertEquals(512, ConnectionLimit.within(16_384, 1_024, warnings::add));
        assertEquals(2, warnings.size());
    }
}
