package io.millrace.system;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What passed, as docs/clients.md shows it. Owned by the test's thread. */
final class ClientTable {
    /** Scenario to the head of its column. */
    static final Map<String, String> SCENARIOS = new LinkedHashMap<>();
    private static final String HEAD = """
        # Which clients run

        Each client is driven by a small program (`system-tests/src/test/peers`) against three brokers, topics with
        three replicas. `ClientsSystemTest` makes this page from what passed and fails where it differs. Versions that
        come with the distribution (Debian 12 here) may differ elsewhere; the others are pinned.

        """;
    private static final String WORDS = """

        - **produce, consume**: keys, headers, dense offsets. **codecs**: written and read back, and seen in the stored
          batches. **900 KiB**: records that long.
        - **positions**: beginning, end, the offset of a time, seek, pause and resume.
        - **groups**: two members share three partitions, one leaves, a later one begins where they ended; `classic` and
          `consumer` (KIP-848) are the group protocols.
        - **admin**: topics created, listed, described, deleted; partitions added; configs described and altered; groups
          listed, described, deleted.
        - **broker killed**: kill -9 of a broker and its restart, while records are sent and a group member reads.

        What a client cannot do with any broker:

        """;

    static {
        SCENARIOS.put("basic", "produce, consume");
        SCENARIOS.put("codecs", "codecs");
        SCENARIOS.put("large", "900 KiB");
        SCENARIOS.put("positions", "positions");
        SCENARIOS.put("groups", "groups");
        SCENARIOS.put("admin", "admin");
        SCENARIOS.put("restart", "broker killed");
    }

    private final Map<PeerClient, String> versions = new EnumMap<>(PeerClient.class);
    private final Map<PeerClient, Map<String, List<PeerProcess.Case>>> results = new EnumMap<>(PeerClient.class);

    void add(
        final PeerClient client, final String version, final String scenario, final List<PeerProcess.Case> cases) {
        versions.put(client, version);
        results.computeIfAbsent(client, key -> new LinkedHashMap<>()).put(scenario, cases);
    }

    Set<PeerClient> clients() {
        return results.keySet();
    }

    String toMarkdown() {
        final StringBuilder page = new StringBuilder(HEAD);
        page.append("| client | version | ").append(String.join(" | ", SCENARIOS.values())).append(" |\n")
            .append("|---|---|").append("---|".repeat(SCENARIOS.size())).append('\n');
        results.keySet().forEach(client -> page.append(row(client, versions.get(client))));
        page.append(WORDS);
        results.keySet().forEach(client -> page.append(notes(client)));
        return page.toString();
    }

    /** {@return the line of one client with some text for the version} */
    String row(final PeerClient client, final String version) {
        final List<String> cells = new ArrayList<>(List.of(client.title(), version));
        SCENARIOS.keySet().forEach(scenario ->
            cells.add(cell(results.get(client).getOrDefault(scenario, List.of()))));
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String cell(final List<PeerProcess.Case> cases) {
        final String passed = ids(cases.stream().filter(PeerProcess.Case::isPassed).toList());
        final String failed = ids(cases.stream().filter(one -> !one.isPassed() && !one.isUnable()).toList());
        if (failed.isEmpty()) {
            return passed.isEmpty() ? "-" : passed;
        }
        return (passed.isEmpty() ? "" : passed + "; ") + "fails: " + failed;
    }

    private static String ids(final List<PeerProcess.Case> cases) {
        return cases.stream().map(PeerProcess.Case::id).collect(Collectors.joining(", "));
    }

    /** {@return what this client cannot do, a line for each reason} */
    String notes(final PeerClient client) {
        final Map<String, Set<String>> byReason = new LinkedHashMap<>();
        results.get(client).forEach((scenario, cases) -> cases.stream().filter(PeerProcess.Case::isUnable)
            .forEach(one -> byReason.computeIfAbsent(SCENARIOS.get(scenario) + ": " + one.why(),
                key -> new LinkedHashSet<>()).add(one.id())));
        return byReason.entrySet().stream().map(entry -> "- " + client.title() + ", " + entry.getKey() + " ("
            + String.join(", ", entry.getValue()) + ")\n").collect(Collectors.joining());
    }
}
