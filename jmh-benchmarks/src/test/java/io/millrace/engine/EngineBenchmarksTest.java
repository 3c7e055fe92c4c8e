package io.millrace.engine;

import io.millrace.engine.format.BatchChecksumBenchmark;
import io.millrace.engine.index.IndexBenchmark;
import io.millrace.engine.ingress.RingBenchmark;
import io.millrace.engine.io.WriteStrategyBenchmark;
import io.millrace.engine.segment.SegmentFileBenchmark;
import io.millrace.engine.shard.DurableBenchmark;
import io.millrace.engine.shard.PeersBenchmark;
import io.millrace.engine.shard.ReaderBenchmark;
import io.millrace.engine.shard.ShardLogBenchmark;
import io.millrace.engine.writer.BlockLimitBenchmark;
import io.millrace.engine.writer.ProducersToFileBenchmark;
import io.millrace.engine.writer.RingToFileBenchmark;
import io.millrace.jmh.Smoke;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each of the engine's benchmarks still runs. */
class EngineBenchmarksTest {
    @Test
    void shouldRunWhenPeersAreCompared() {
        Smoke.run(PeersBenchmark.class, 1, Map.of("length", "1024", "packing", "single,frame,batched", "sync",
            "untimed", "archiveThreading", "SHARED"));
    }

    @Test
    void shouldRunWhenTheDiskIsPartOfTheComparison() {
        Smoke.run(PeersBenchmark.class, 1, Map.of("length", "128", "packing", "batched", "sync", "background",
            "archiveThreading", "DEDICATED"));
    }

    @Test
    void shouldRunWhenTheWayToTheFileIsMeasured() {
        Smoke.run(RingToFileBenchmark.class, 300, Map.of("length", "1024", "blockLength", "65536"));
        Smoke.run(ProducersToFileBenchmark.class, 300, Map.of("length", "1024", "target", "file,nothing"));
        Smoke.run(BlockLimitBenchmark.class, 300, Map.of("length", "16384", "blockLengthLimit", "65536"));
        Smoke.run(ShardLogBenchmark.class, 300, Map.of("length", "1024"));
    }

    @Test
    void shouldRunWhenRingsAreCompared() {
        Smoke.run(RingBenchmark.class, 1000, Map.of("length", "128"));
    }

    @Test
    void shouldRunWhenWritesAreMeasured() {
        Smoke.run(WriteStrategyBenchmark.class, 10, Map.of("blockLength", "65536", "fileLength", "1048576",
            "strategy", "channel,mapped"));
        Smoke.run(SegmentFileBenchmark.class, 2, Map.of("segmentLength", "1048576", "sync", "end"));
    }

    @Test
    void shouldRunWhenSyncsAreMeasured() {
        Smoke.run(DurableBenchmark.class, 10, Map.of("blockLength", "262144", "fileLength", "1048576"));
    }

    @Test
    void shouldRunWhenReadsAreMeasured() {
        Smoke.run(IndexBenchmark.class, 2000, Map.of("entryCount", "1024"));
        Smoke.run(ReaderBenchmark.class, 10, Map.of("batchLength", "1024,65536", "logLength", "4194304"));
        Smoke.run(BatchChecksumBenchmark.class, 10, Map.of("length", "1024"));
    }
}
