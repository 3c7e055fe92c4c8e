package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(400)
class KcatSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static String kcat;
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        kcat = Peers.kcat();
        cluster = ClusterHarness.start(Map.of());
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void shouldListAllBrokersWhenAsked() throws IOException {
        final String listing = Command.run(PATIENCE, kcat, "-b", cluster.bootstrapServers(), "-L").requireSuccess()
            .output();
        for (int nodeId = 1; nodeId <= 3; nodeId++) {
            assertTrue(listing.contains("broker " + nodeId + " at 127.0.0.1:"), listing);
        }
    }

    @Test
    void shouldConsumeWhatItProducedWhenTheTopicIsNew() throws IOException {
        final List<String> lines = IntStream.range(0, 5000).mapToObj(i -> "line " + i).toList();
        final String input = lines.stream().map(line -> line + "\n").collect(Collectors.joining());
        new Command(List.of(kcat, "-b", cluster.bootstrapServers(), "-P", "-t", "kcat-lines"), input).run(PATIENCE)
            .requireSuccess();
        final String output = Command.run(PATIENCE, kcat, "-b", cluster.bootstrapServers(), "-C", "-t", "kcat-lines",
            "-o", "beginning", "-e", "-q").requireSuccess().output();
        assertEquals(lines, output.lines().toList());
    }
}
