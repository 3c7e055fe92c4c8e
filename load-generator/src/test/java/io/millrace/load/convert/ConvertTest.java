package io.millrace.load.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.command.BenchCommand;
import io.millrace.load.run.ExitCodes;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Compression;
import io.millrace.load.workload.Workload;
import io.millrace.load.workload.WorkloadBuilder;
import io.millrace.load.workload.WorkloadException;
import io.millrace.load.workload.WorkloadFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConvertTest {
    private static final String BACKLOG = """
        name: Backlog for 200k rate 4 producers and 4 consumers
        topics: 1
        partitionsPerTopic: 100
        messageSize: 1024
        useRandomizedPayloads: true
        randomBytesRatio: 0.5
        randomizedPayloadPoolSize: 1000
        subscriptionsPerTopic: 1
        consumerPerSubscription: 4
        producersPerTopic: 4
        producerRate: 200000
        consumerBacklogSizeGB: 512
        testDurationMinutes: 5
        """;
    private static final String DRIVER = """
        name: Kafka
        driverClass: io.openmessaging.benchmark.driver.kafka.KafkaBenchmarkDriver
        replicationFactor: 3
        topicConfig: |
          min.insync.replicas=2
          flush.messages=1
        commonConfig: |
          bootstrap.servers=localhost:9092
        producerConfig: |
          acks=1
          linger.ms=200
          batch.size=1048576
          compression.type=lz4
          max.in.flight.requests.per.connection=1
        consumerConfig: |
          auto.offset.reset=earliest
          max.partition.fetch.bytes=10485760
        """;

    @TempDir
    private Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldSayAnOmbWorkloadInOurWords() {
        final Conversion conversion = OmbImport.convert(BACKLOG, "backlog.yaml", null, DRIVER, "kafka.yaml");
        final Workload workload = workload(conversion);
        assertEquals(100, workload.partitions());
        assertEquals(4, workload.producers());
        assertEquals(4, workload.consumers());
        assertEquals(200_000, workload.ratePerS());
        assertEquals(512L << 30, workload.phases().backlogLength());
        assertTrue(workload.phases().isDrainLoaded());
        assertEquals(60_000_000_000L, workload.warmupNs(), "their default");
        assertEquals(300_000_000_000L, workload.durationNs());
        assertEquals(0.5, workload.payload().compressible());
        assertEquals(Acks.LEADER, workload.acks());
        assertEquals(Compression.LZ4, workload.compression());
        assertEquals(1 << 20, workload.batchLength());
        assertEquals(200_000_000L, workload.lingerNs());
        assertEquals("localhost:9092", workload.bootstrap());
        assertEquals("1", workload.topicConfigs().get("flush.messages"));
        final String remarks = String.join("\n", conversion.remarks());
        for (final String key : new String[] {"randomizedPayloadPoolSize", "max.in.flight.requests.per.connection",
            "auto.offset.reset", "max.partition.fetch.bytes", "consumerBacklogSizeGB"}) {
            assertTrue(remarks.contains(key), key + " must not be dropped silently: " + remarks);
        }
    }

    @Test
    void shouldStayWithinBoundsAndSaySo() {
        final Conversion conversion = OmbImport.convert("""
            topics: 1000000
            partitionsPerTopic: 1
            messageSize: 16
            payloadFile: "payload/multiple"
            subscriptionsPerTopic: 2
            producersPerTopic: 4
            consumerPerSubscription: 4
            producerRate: 0
            keyDistributor: KEY_ROUND_ROBIN
            backlogDrainRatio: 0.9
            """, "1m.yaml", dir, null, null);
        final Workload workload = workload(conversion);
        assertEquals(1_000, workload.topicCount());
        assertEquals(32, workload.recordLength());
        assertTrue(workload.isUnlimited());
        assertEquals("round-robin:10000", workload.keys().word());
        final String remarks = String.join("\n", conversion.remarks());
        for (final String key : new String[] {"topics: 1000000", "messageSize: 16", "payloadFile", "driver file",
            "subscriptionsPerTopic: 2", "producersPerTopic", "consumerPerSubscription", "producerRate: 0",
            "backlogDrainRatio"}) {
            assertTrue(remarks.contains(key), key + " must not be dropped silently: " + remarks);
        }
    }

    @Test
    void shouldRefuseAKeyThatOmbDoesNotHave() {
        final WorkloadException refused = assertThrows(WorkloadException.class,
            () -> OmbImport.convert("topics: 1\nproducerRat: 10\n", "typo.yaml", null, null, null));
        assertTrue(refused.getMessage().contains("producerRate"), refused.getMessage());
        assertThrows(WorkloadException.class, () -> OmbImport.convert("topics: [1]", "list.yaml", null, null, null));
    }

    @Test
    void shouldSayAPerfTestsCommandLineInOurWords() throws IOException {
        Files.writeString(dir.resolve("producer.properties"), "compression.type=zstd\nsasl.mechanism=PLAIN\n");
        final Conversion conversion = KafkaPerfImport.convert("""
            # a comment
            bin/kafka-producer-perf-test.sh --topic test --num-records 1000000 \\
              --record-size 100 --throughput 50000 --producer.config producer.properties --print-metrics \\
              --producer-props acks=all bootstrap.servers=127.0.0.1:9092 batch.size=8196 'client.id=a b' \\
              --warmup-records=50000 --no-such-thing 7
            """, "command.txt", dir);
        final Workload workload = workload(conversion);
        assertEquals("test", workload.topic());
        assertEquals(950_000, workload.recordCount());
        assertEquals(1_000_000_000L, workload.warmupNs());
        assertEquals(100, workload.recordLength());
        assertEquals(50_000, workload.ratePerS());
        assertEquals(8_196, workload.batchLength());
        assertEquals(Compression.ZSTD, workload.compression());
        assertEquals("127.0.0.1:9092", workload.bootstrap());
        final String remarks = String.join("\n", conversion.remarks());
        for (final String key : new String[] {"--print-metrics", "client.id=a b", "sasl.mechanism",
            "--no-such-thing"}) {
            assertTrue(remarks.contains(key), key + " must not be dropped silently: " + remarks);
        }
    }

    @Test
    void shouldTakeThePropertiesAlone() {
        final Conversion conversion =
            KafkaPerfImport.convert("acks=0\nlinger.ms=5\nbuffer.memory=33554432\n", "producer.properties", null);
        assertEquals(Acks.NONE, workload(conversion).acks());
        assertEquals(5_000_000L, workload(conversion).lingerNs());
        assertTrue(String.join("\n", conversion.remarks()).contains("buffer.memory"));
    }

    @Test
    void shouldWriteAFileThatRuns() throws IOException {
        final Path from = dir.resolve("omb.yaml");
        final Path to = dir.resolve("ours.yaml");
        Files.writeString(from, BACKLOG);
        assertEquals(ExitCodes.OK, bench("convert", "--from", "omb", from.toString(), "-o", to.toString()),
            err::toString);
        assertTrue(err.toString().contains("not the same: randomizedPayloadPoolSize"), err.toString());
        assertTrue(Files.readString(to).contains("# converted from OpenMessaging Benchmark"), Files.readString(to));
        final int exitCode = bench("run", to.toString(), "--driver", "null", "-d", "300ms", "-w", "0s", "-R", "500",
            "--consumers", "0", "--set", "backlog=0", "-q", "-o", dir.resolve("run").toString());
        assertTrue(exitCode == ExitCodes.OK || exitCode == ExitCodes.INVALID, err::toString);
        assertEquals(ExitCodes.USAGE, bench("convert", "--from", "omb", from.toString(), "--strict"));
        assertTrue(out.toString().contains("schema: bench/workload/v1"), out.toString());
        assertEquals(ExitCodes.USAGE, bench("convert", "--from", "omb", from.toString(), "-o", to.toString()));
        assertEquals(ExitCodes.USAGE, bench("convert", "--from", "jmeter", from.toString()));
        assertFalse(Files.exists(dir.resolve("nothing")));
    }

    private static Workload workload(final Conversion conversion) {
        final WorkloadBuilder builder = new WorkloadBuilder();
        WorkloadFile.parse(conversion.yaml(), "converted").applyTo(builder);
        return builder.build();
    }

    private int bench(final String... arguments) {
        return new CommandLine(new BenchCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err))
            .execute(arguments);
    }
}
