package io.millrace.results.store;

import io.millrace.results.model.GitRevision;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunStatus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** JMH runs for tests: JSON as JMH 1.37 writes it. */
public final class JmhRuns {
    /** Two forks of three iterations with {@code -prof gc}; one fork that was cut short; one sampled. */
    public static final String JSON = """
        [
            {
                "jmhVersion" : "1.37",
                "benchmark" : "io.millrace.engine.writer.RingToFileBenchmark.ringToFile",
                "mode" : "thrpt",
                "threads" : 1,
                "forks" : 2,
                "jvmArgs" : [ "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED", "-Xmx1g" ],
                "jdkVersion" : "17.0.9",
                "vmName" : "OpenJDK 64-Bit Server VM",
                "measurementIterations" : 3,
                "params" : { "length" : "1024", "blockLength" : "65536" },
                "primaryMetric" : {
                    "score" : 1500000.5,
                    "scoreError" : 250000.0,
                    "scoreConfidence" : [ 1250000.5, 1750000.5 ],
                    "scoreUnit" : "ops/s",
                    "rawData" : [ [ 1400000.0, 1410000.0, 1390000.0 ], [ 1600001.0, 1610001.0, 1590001.0 ] ]
                },
                "secondaryMetrics" : {
                    "hits" : { "score" : 21.0, "scoreError" : "NaN", "scoreUnit" : "#",
                        "rawData" : [ [ 6.0, 8.0 ], [ 7.0 ] ] },
                    "gc.alloc.rate.norm" : {
                        "score" : 0.00251, "scoreError" : "NaN", "scoreUnit" : "B/op",
                        "rawData" : [ [ 0.0025, 0.0025, 0.0025 ], [ 0.0025, 0.0025, 0.0025 ] ]
                    }
                }
            },
            {
                "benchmark" : "io.millrace.transport.LinkBenchmark.push",
                "mode" : "avgt",
                "threads" : 2,
                "forks" : 3,
                "measurementIterations" : 5,
                "primaryMetric" : {
                    "score" : 12.25, "scoreError" : "NaN", "scoreUnit" : "us/op", "rawData" : [ [ 12.0, 12.5 ] ]
                },
                "secondaryMetrics" : { }
            },
            {
                "benchmark" : "io.millrace.transport.LinkBenchmark.wake",
                "mode" : "sample",
                "threads" : 1,
                "forks" : 1,
                "measurementIterations" : 1,
                "primaryMetric" : {
                    "score" : 3.0, "scoreError" : 0.5, "scoreUnit" : "us/op",
                    "scorePercentiles" : { "0.0" : 2.0, "50.0" : 2.0, "99.0" : 5.9, "99.9" : 6.0, "100.0" : 6.0 },
                    "rawDataHistogram" : [ [ [ [ 2.0, 3 ], [ 6.0, 1 ] ], [ [ 7.0, 1 ], [ 9.0, 0 ] ] ] ]
                },
                "secondaryMetrics" : { }
            }
        ]
        """;

    private JmhRuns() {
    }

    /** A finished run with the given result; a null result leaves the file out. */
    public static Path run(final Path dir, final RunStatus status, final String json) throws IOException {
        final JmhRunWriter writer = JmhRunWriter.create(dir, header(dir.getFileName().toString()));
        if (json != null) {
            Files.writeString(writer.resultFile(), json);
        }
        writer.finish(status, status == RunStatus.OK ? List.of() : List.of("Interrupted."));
        return dir;
    }

    static RunHeader header(final String runId) {
        return new RunHeader(runId, null, null, null, 0, Instant.ofEpochSecond(1_790_000_000),
            List.of("millrace", "jmh", "RingToFile", "-prof", "gc"), new GitRevision("4f5a1c9b2d7e", true), null,
            Map.of(), EnvironmentProbe.capture(Path.of("target")));
    }
}
