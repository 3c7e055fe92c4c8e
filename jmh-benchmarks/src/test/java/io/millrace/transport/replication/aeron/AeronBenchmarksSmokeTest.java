package io.millrace.transport.replication.aeron;

import io.millrace.jmh.Smoke;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That every benchmark of this package runs. */
@Timeout(600)
class AeronBenchmarksSmokeTest {
    @Test
    void shouldRunWhenTheMtuIsShortOrLong() {
        Smoke.run(AeronMtuBenchmark.class, 5, Map.of("mtuLength", "1408,65504"));
    }

    @Test
    void shouldRunWhenTheWindowIsTheShortest() {
        Smoke.run(AeronWindowBenchmark.class, 5, Map.of("windowLength", "131072"));
    }

    @Test
    void shouldRunInEveryModeOfTheDriver() {
        Smoke.run(AeronDriverModeBenchmark.class, 5, Map.of("mtuLength", "8192"));
    }

    @Test
    void shouldBringEveryChunkThroughWhenCompressedOrNot() {
        Smoke.run(ReplicationLz4Benchmark.class, 3, Map.of("chunkLength", "16384,262144"));
    }
}
