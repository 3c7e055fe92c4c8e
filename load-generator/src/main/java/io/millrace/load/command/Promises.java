package io.millrace.load.command;

import io.millrace.load.target.RunningTarget;
import io.millrace.results.model.RunParams;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an acknowledgement is worth on each side of a comparison, and where that is not the same; no state. */
final class Promises {
    private static final String NOT_KNOWN = "not known";

    private Promises() {
    }

    /**
     * {@return a line a side, empty if neither says anything}
     *
     * @param a settings of a run of side A, as in its result
     * @param b of side B
     */
    static List<String> lines(final Map<String, Object> a, final Map<String, Object> b) {
        return promise(a).isEmpty() && promise(b).isEmpty() ? List.of() : List.of("A: " + line(a), "B: " + line(b));
    }

    /**
     * {@return a sentence for each part of the promise in which the sides differ}
     *
     * @param a settings of a run of side A, as in its result
     * @param b of side B
     */
    static List<String> differences(final Map<String, Object> a, final Map<String, Object> b) {
        final List<String> found = new ArrayList<>();
        if (promise(a).isEmpty() || promise(b).isEmpty()) {
            return found;
        }
        differ(found, "copies of a record", String.valueOf(a.get(RunParams.REPLICATION_FACTOR)),
            String.valueOf(b.get(RunParams.REPLICATION_FACTOR)));
        differ(found, "what has a record when it is acknowledged", waitsFor(a), waitsFor(b));
        differ(found, "synced to the device by then", synced(a), synced(b));
        return found;
    }

    private static void differ(final List<String> found, final String part, final String a, final String b) {
        if (!a.equals(b)) {
            found.add("Unequal promises, " + part + ": " + a + " on side A, " + b + " on side B.");
        }
    }

    private static String line(final Map<String, Object> params) {
        final Map<?, ?> promise = promise(params);
        return promise.isEmpty() ? params.get(RunParams.TARGET) + ": " + NOT_KNOWN
            : promise.get("system") + ": copies " + params.get(RunParams.REPLICATION_FACTOR) + ", acknowledged by "
            + waitsFor(params) + ", synced: " + synced(params);
    }

    private static String waitsFor(final Map<String, Object> params) {
        final Map<?, ?> promise = promise(params);
        final Object forLeader = "leader".equals(params.get(RunParams.ACKS))
            ? promise.get(RunningTarget.WAITS_FOR_LEADER) : null;
        if ("none".equals(params.get(RunParams.ACKS))) {
            return "nobody";
        }
        final Object found = forLeader != null ? forLeader : promise.get(RunningTarget.WAITS_FOR);
        return found == null ? NOT_KNOWN : found.toString();
    }

    private static String synced(final Map<String, Object> params) {
        final Object found = promise(params).get(RunningTarget.SYNCED);
        if ("by profile".equals(found)) {
            return "durable".equals(params.get(RunParams.PROFILE)) ? "yes" : "no";
        }
        return found == null ? NOT_KNOWN : found.toString();
    }

    private static Map<?, ?> promise(final Map<String, Object> params) {
        return params.get(RunParams.DURABILITY) instanceof Map<?, ?> promise ? promise : Map.of();
    }
}
