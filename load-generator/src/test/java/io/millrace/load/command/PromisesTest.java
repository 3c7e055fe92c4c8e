package io.millrace.load.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Map<String, String> LOG = Map.of("system", "a log", "waits_for", "all in-sync replicas",
        "waits_for_leader", "the leader", "synced", "by profile");

    @Test
    void shouldFindNothingWhenBothSidesPromiseTheSame() {
        assertEquals(List.of(), Promises.differences(params(LOG, "all", 3, "replicated"),
            params(Map.of("waits_for", "all in-sync replicas", "synced", "no"), "all", 3, null)));
    }

    @Test
    void shouldNameEachPartWhenSidesPromiseDifferentThings() {
        final Map<String, Object> a = params(LOG, "leader", 3, "durable");
        final Map<String, Object> b =
            params(Map.of("system", "a server", "waits_for", "one copy", "synced", "no"), "leader", 1, null);
        assertEquals(List.of(
            "Unequal promises, copies of a record: 3 on side A, 1 on side B.",
            "Unequal promises, what has a record when it is acknowledged: the leader on side A, one copy on side B.",
            "Unequal promises, synced to the device by then: yes on side A, no on side B."),
            Promises.differences(a, b));
        assertEquals(List.of("A: a log: copies 3, acknowledged by the leader, synced: yes",
            "B: a server: copies 1, acknowledged by one copy, synced: no"), Promises.lines(a, b));
    }

    @Test
    void shouldSayNothingWhenATargetIsNotKnown() {
        final Map<String, Object> known = params(LOG, "all", 3, null);
        final Map<String, Object> address = Map.of("acks", "all", "target", "10.0.0.1:9092", "replication_factor", 3);
        assertEquals(List.of(), Promises.differences(known, address));
        assertTrue(Promises.lines(known, address).get(1).contains("10.0.0.1:9092"));
        assertEquals(List.of(), Promises.lines(address, address));
    }

    private static Map<String, Object> params(
        final Map<String, String> promise, final String acks, final int replicas, final String profile) {
        final Map<String, Object> params = new HashMap<>(Map.of("acks", acks, "replication_factor", replicas,
            "durability", promise));
        if (profile != null) {
            params.put("profile", profile);
        }
        return params;
    }
}
