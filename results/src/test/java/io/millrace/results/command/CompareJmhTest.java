package io.millrace.results.command;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** JMH results: forks are the runs, and the mode says which way is better. */
class CompareJmhTest {
    @TempDir
    private Path dir;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void shouldSayImprovedWhenThroughputIsHigher() throws IOException {
        final Path base = file("base.json", "thrpt", "ops/s", 1000, 5, "17.0.1");
        final Path faster = file("faster.json", "thrpt", "ops/s", 1500, 5, "17.0.1");
        assertEquals(0, run(base, faster), this::all);
        assertTrue(out.toString().contains("improved"), this::all);
        assertEquals(6, run(faster, base), this::all);
    }

    @Test
    void shouldSayRegressedWhenTimesAreLonger() throws IOException {
        final Path base = file("base.json", "avgt", "ns/op", 1000, 4, "17.0.1");
        final Path longer = file("longer.json", "avgt", "ns/op", 1500, 4, "17.0.1");
        assertEquals(6, run(base, longer), this::all);
    }

    @Test
    void shouldSayInconclusiveWhenThereAreTwoForks() throws IOException {
        final Path base = file("base.json", "avgt", "ns/op", 1000, 2, "17.0.1");
        final Path longer = file("longer.json", "avgt", "ns/op", 9000, 2, "17.0.1");
        assertEquals(7, run(base, longer, "--fail-on", "inconclusive"), this::all);
        assertTrue(out.toString().contains("needs at least 1 more run a side"), this::all);
    }

    @Test
    void shouldRefuseWhenTheForksRanOnAnotherJdkOrNothingIsCommon() throws IOException {
        final Path base = file("base.json", "avgt", "ns/op", 1000, 3, "17.0.1");
        assertEquals(8, run(base, file("newer.json", "avgt", "ns/op", 1000, 3, "25.0.1")), this::all);
        assertTrue(err.toString().contains("JDK=17.0.1 against 25.0.1"), this::all);
        assertEquals(8, run(base, file("other.json", "thrpt", "ops/s", 1000, 3, "17.0.1")), this::all);
        assertTrue(err.toString().contains("nothing in common"), this::all);
    }

    private Path file(final String name, final String mode, final String unit, final double level, final int forks,
        final String jdk) throws IOException {
        final SplittableRandom random = new SplittableRandom(name.hashCode());
        final String raw = IntStream.range(0, forks).mapToObj(fork -> "[" + random.doubles(3)
            .mapToObj(d -> String.valueOf(level * (1 + 0.02 * d))).collect(Collectors.joining(",")) + "]")
            .collect(Collectors.joining(","));
        final Path file = dir.resolve(name);
        return Files.writeString(file, "[{\"benchmark\":\"a.b.Ring.write\",\"mode\":\"" + mode + "\",\"threads\":1,"
            + "\"forks\":" + forks + ",\"measurementIterations\":3,\"jdkVersion\":\"" + jdk + "\",\"vmName\":\"VM\","
            + "\"jvmArgs\":[],\"params\":{\"length\":\"128\"},\"primaryMetric\":{\"score\":" + level
            + ",\"scoreError\":1.0,\"scoreUnit\":\"" + unit + "\",\"scorePercentiles\":{},\"rawData\":[" + raw
            + "]},\"secondaryMetrics\":{}}]");
    }

    private int run(final Path base, final Path other, final String... more) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        final String[] args = new String[2 + more.length];
        args[0] = base.toString();
        args[1] = other.toString();
        System.arraycopy(more, 0, args, 2, more.length);
        return new CommandLine(new CompareCommand()).setCaseInsensitiveEnumValuesAllowed(true)
            .setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private String all() {
        return String.format(Locale.ROOT, "out:%n%s%nerr:%n%s", out, err);
    }
}
