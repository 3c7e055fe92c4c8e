package io.millrace.load.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.run.WorkloadYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadFileTest {
    private static final String START = "schema: bench/workload/v1\n";

    @TempDir
    private Path dir;

    static List<String> presets() {
        return WorkloadFile.presets();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldBuildWhenAPresetIsRead(final String preset) {
        final WorkloadBuilder settings = new WorkloadBuilder();
        WorkloadFile.read(preset).applyTo(settings);
        assertEquals(preset, settings.build().name());
    }

    @ParameterizedTest
    @MethodSource("presets")
    void shouldComeToTheSameWhenAResolvedWorkloadIsRunAgain(final String preset) {
        final WorkloadBuilder settings = new WorkloadBuilder().set("topic.min.insync.replicas", "2");
        WorkloadFile.read(preset).applyTo(settings);
        final Workload workload = settings.build();
        final WorkloadBuilder again = new WorkloadBuilder();
        WorkloadFile.parse(WorkloadYaml.write(workload), "resolved").applyTo(again);
        assertEquals(workload.asTree(), again.build().asTree());
    }

    @Test
    void shouldReadEveryPart() {
        final WorkloadFile file = WorkloadFile.parse(START + """
            name: everything
            seed: 7
            target: {driver: java, bootstrap: [127.0.0.1:1, 127.0.0.1:2], topic: {partitions: 3, replication: 1,
              configs: {retention.ms: 1000}}}
            payload: {size: {dist: [[0.7, 128], [0.3, 1KiB]]}, compressible: 0.5}
            load: {arrival: {type: burst, size: 10}, rate: 50k, producers: 4, consumers: 3, inFlight: 4096,
              acks: leader, keys: {type: zipf, count: 1k, skew: 1.5}}
            matrix: {load.acks: [leader, all], payload.size: [100B, {dist: [[1, 64B]]}]}
            phases: [{warmup: {until: steady, max: 60s}}, {measure: 60s}, {backlog: {build: 1MiB}},
              {drain: {producers: all, max: 9s}}, {cooldown: 5s}]
            faults: [{at: 20s, kill: {role: leader, signal: KILL}}, {at: 35s, restart: last},
              {at: 45s, pause: {node: 2, for: 3s}}]
            verify: {loss: true, crc: true}
            slo: ['rt.p99 < 5ms', 'achieved >= 0.99']
            """, "test");
        final WorkloadBuilder settings = new WorkloadBuilder();
        file.applyTo(settings);
        final Workload workload = settings.build();
        assertEquals("127.0.0.1:1,127.0.0.1:2", workload.bootstrap());
        assertEquals("1000", workload.topicConfigs().get("retention.ms"));
        assertEquals(0.7 * 128 + 0.3 * 1024, workload.lengths().meanLength(), 0.01);
        assertEquals(new Arrival(Arrival.Kind.BURST, 10, List.of()), workload.arrival());
        assertEquals("zipf:1000:1.5", workload.keys().word());
        assertTrue(workload.phases().isUntilSteady());
        assertEquals(1 << 20, workload.phases().backlogLength());
        assertTrue(workload.phases().isDrainLoaded());
        assertEquals(List.of("20s kill leader", "35s restart last", "45s pause node-2 for 3s"),
            workload.faults().stream().map(FaultStep::word).toList());
        assertEquals(List.of("rt.p99<5ms", "achieved>=0.99"), workload.slo().stream().map(Slo::word).toList());
        assertEquals(List.of("leader", "all"), file.axes().get("acks"));
        assertEquals(List.of("100B", "dist:1x64B"), file.axes().get("record-size"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "load: {rat: 5}|test:2: unknown key load.rat; did you mean rate?",
        "laod: {rate: 5}|test:2: unknown key laod; did you mean load?",
        "load: {arrival: {type: burst, sise: 4}}|unknown key load.arrival.sise; did you mean size?",
        "load: 5|test:2: load takes keys",
        "load: {rate: [5, 6]}|test:2: load.rate takes one value",
        "phases: [{warmpu: 5s}]|unknown phase warmpu; did you mean warmup?",
        "phases: [{measure: 5s}, {warmup: 5s}]|phase warmup cannot come after measure",
        "phases: 5s|phases takes a list",
        "faults: [{at: 5s, kill: {role: leader, node: 2}}]|takes either role or node",
        "faults: [{kill: {role: leader}}]|needs the key at",
        "verify: {loss: true, order: false}|in one pass",
        "matrix: {load.rate: []}|has 0 values",
        "matrix: {load.rte: [1]}|unknown key matrix.load.rte; did you mean load.rate?",
        "seed: *anchor|test:2",
        "load: {rate: 1, rate: 2}|test:2",
        "load: {rate: 5|is no YAML"})
    void shouldNameTheLineAndTheLikelyKeyWhenAFileIsWrong(final String body, final String expected) {
        final WorkloadException refused =
            assertThrows(WorkloadException.class, () -> WorkloadFile.parse(START + body + "\n", "test"));
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    }

    @Test
    void shouldRefuseAnotherSchema() {
        assertThrows(WorkloadException.class, () -> WorkloadFile.parse("schema: bench/workload/v9\n", "test"));
        assertThrows(WorkloadException.class, () -> WorkloadFile.parse("name: x\n", "test"));
        final WorkloadException unknown = assertThrows(WorkloadException.class, () -> WorkloadFile.read("failovr"));
        assertTrue(unknown.getMessage().contains("did you mean failover?"), unknown.getMessage());
    }

    @Test
    void shouldDrawLengthsFromAFileAsOftenAsItSays() throws IOException {
        final Path file = Files.writeString(dir.resolve("sizes"), "# weight length\n3 100B\n1, 1KiB\n");
        final RecordLengths lengths = RecordLengths.of("dist:" + file, 42);
        int small = 0;
        for (int sequence = 0; sequence < 10_000; sequence++) {
            final int length = lengths.length(1, 2, sequence);
            assertTrue(length == 100 || length == 1024);
            assertEquals(length, lengths.length(1, 2, sequence), "a function of its place");
            small += length == 100 ? 1 : 0;
        }
        assertEquals(7_500, small, 200);
    }

    @Test
    void shouldDrawKeysAsTheirDistributionSays() {
        final int[] counts = new int[100];
        final Keys zipf = Keys.of("zipf:100:1.0", 1);
        final Keys uniform = Keys.of("uniform:100", 1);
        final int[] even = new int[100];
        for (int i = 0; i < 100_000; i++) {
            counts[zipf.key(0, i)]++;
            even[uniform.key(0, i)]++;
        }
        assertEquals(100_000 / 5.187, counts[0], 1_000, "1 / H(100) of all");
        assertTrue(counts[0] > 1.7 * counts[1] && counts[1] > counts[50]);
        for (final int count : even) {
            assertEquals(1_000, count, 200);
        }
        assertEquals(5, Keys.of("round-robin:10", 1).key(2, 3));
        assertFalse(zipf.isNone());
    }

    @Test
    void shouldHashKeysAsKafkasClientsDo() {
        final byte[] key = new byte[Keys.LENGTH];
        for (int i = 0; i < 1_000; i++) {
            Keys.write(i * 7919, key);
            assertEquals(org.apache.kafka.common.utils.Utils.toPositive(
                org.apache.kafka.common.utils.Utils.murmur2(key)) % 12, Keys.partition(key, 12));
        }
    }

    @Test
    void shouldCompressByTheFractionAskedFor() {
        for (final double fraction : new double[] {0, 0.25, 0.5, 0.9}) {
            final byte[] body = new byte[64 * 1024];
            Payload.of(Payload.Source.of("random", fraction), 5)
                .fill(3, java.nio.ByteBuffer.wrap(body), 0, body.length);
            final java.util.zip.Deflater deflater = new java.util.zip.Deflater();
            deflater.setInput(body);
            deflater.finish();
            final int length = deflater.deflate(new byte[2 * body.length]);
            deflater.end();
            assertEquals(1 - fraction, (double) length / body.length, 0.06, "fraction " + fraction);
        }
    }
}
