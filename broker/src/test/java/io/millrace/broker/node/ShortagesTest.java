package io.millrace.broker.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ShortagesTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Shortages shortages = new Shortages(new NodeLog(new PrintStream(out, true, StandardCharsets.UTF_8)));
    private final AtomicReference<String> shortage = new AtomicReference<>();

    private List<String> linesAt(final long ms) {
        shortages.check(TimeUnit.MILLISECONDS.toNanos(ms));
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void shouldSayOnceThatRoomIsShortAndOnceThatItIsBack() {
        shortages.watch("shard 7", shortage::get, () -> "; DETAIL");
        assertEquals(0, linesAt(0).size());
        shortage.set("disk full: cannot write 80 bytes; free space on that disk");
        assertEquals(1, linesAt(200).size());
        final String warning = linesAt(400).get(0);
        assertTrue(warning.contains("WARN") && warning.contains("shard 7") && warning.contains("free space"), warning);
        assertTrue(warning.endsWith("; DETAIL"), warning);
        shortage.set(null); // a short record fits
        assertEquals(1, linesAt(600).size());
        shortage.set("disk full");
        assertEquals(1, linesAt(800).size());
        shortage.set(null);
        assertEquals(1, linesAt(5_000).size());
        assertEquals(2, linesAt(6_000).size());
        assertTrue(linesAt(20_000).get(1).contains("takes writes again"));
    }
}
