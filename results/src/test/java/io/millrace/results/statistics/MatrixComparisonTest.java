package io.millrace.results.statistics;

import io.millrace.results.model.GitRevision;
import io.millrace.results.model.Measured;
import io.millrace.results.model.RunDocument;
import io.millrace.results.model.RunHeader;
import io.millrace.results.model.RunOutcome;
import io.millrace.results.model.RunStatus;
import io.millrace.results.model.Tags;
import io.millrace.results.store.RunData;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class MatrixComparisonTest {
    @Test
    void shouldCompareEveryCellWhenTwoParametersTellTheSameSetting() {
        final List<RunData> runs = new ArrayList<>();
        for (int repeat = 1; repeat <= 3; repeat++) {
            for (final int rate : new int[] {5_000, 20_000}) {
                runs.add(run(repeat, Map.of("record_bytes", 100, "record_size", "100B", "rate_per_s", rate), 1));
                runs.add(run(repeat, Map.of("record_bytes", 1024, "record_size", "1KiB", "rate_per_s", rate), 3));
            }
        }
        final MatrixComparison comparison = MatrixComparison.of(runs, 0.05);
        assertEquals("record_bytes", comparison.factor());
        assertEquals(List.of("record_size"), comparison.along());
        assertEquals(List.of("rate=5000", "rate=20000"), comparison.cells().stream().map(Cell::label).toList());
        assertEquals(3, comparison.cells().get(0).estimates().get(0).ratio(), 0.1);
    }

    @Test
    void shouldCompareAnySettingWithTwoValuesButTheRate() {
        final List<RunData> runs = new ArrayList<>();
        for (int repeat = 1; repeat <= 3; repeat++) {
            for (final int rate : new int[] {5_000, 20_000}) {
                runs.add(run(repeat, Map.of("keys", "none", "rate_per_s", rate), 1));
                runs.add(run(repeat, Map.of("keys", "zipf:100", "rate_per_s", rate), 1));
            }
        }
        assertEquals("keys", MatrixComparison.of(runs, 0.05).factor());
        assertNull(MatrixComparison.of(runs.stream()
            .filter(run -> "none".equals(run.document().params().get("keys"))).toList(), 0.05));
    }

    private static RunData run(final int repeat, final Map<String, Object> params, final int factor) {
        final String id = params + "-" + repeat;
        final List<RunData.Interval> intervals = new ArrayList<>();
        for (int s = 0; s < 8; s++) {
            final Histogram histogram = new Histogram(3);
            for (int i = 1; i <= 300; i++) {
                histogram.recordValue(factor * (100_000L + 1_000L * i + 100L * s + repeat));
            }
            intervals.add(RunData.Interval.of(s * 1000L, (s + 1) * 1000L, histogram));
        }
        final RunDocument document = RunDocument.running(new RunHeader(id, "matrix", "C", "C", repeat, Instant.EPOCH,
            List.of(), GitRevision.unknown(), null, params, null)).ended(new RunOutcome(RunStatus.OK, List.of(),
            List.of(), new Measured(8_000_000_000L, 2400, 2400, 0, Map.of(), 300, 1e5, null, null), null),
            Instant.EPOCH, Map.of());
        return new RunData(Path.of("run" + id.hashCode()), document, Map.of(Tags.ACK_RT, intervals), List.of(),
            List.of(), List.of());
    }
}
