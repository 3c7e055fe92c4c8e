package io.millrace.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(900)
class KcatSystemTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static String kcat;
    private static ClusterHarness cluster;

    @BeforeAll
    static void startCluster() throws IOException {
        kcat = Peers.kcat();
        cluster = ClusterHarness.start(ClusterHarness.STEADY);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void shouldListAllBrokersWhenAsked() throws IOException {
        final String[] listing = new String[1];
        Await.until(PATIENCE, () -> "three brokers in " + listing[0], () -> {
            listing[0] = Command.run(PATIENCE, kcat, "-b", cluster.bootstrapServers(), "-L").output();
            return IntStream.rangeClosed(1, 3).allMatch(id -> listing[0].contains("broker " + id + " at 127.0.0.1:"));
        });
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
