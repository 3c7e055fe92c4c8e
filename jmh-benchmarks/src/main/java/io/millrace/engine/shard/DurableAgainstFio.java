package io.millrace.engine.shard;

import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs fio and {@link DurableBenchmark} in turns (fio, FileChannel, one block at a time, group commit, fio) with one
 * block length after the other, and prints the ratio of their bandwidths. The main thread's.
 *
 * <p>Fio writes a file of 256 MiB that it has written before (overwrite=1, as the engine recycles segments),
 * sequentially, with fdatasync after every block, one job, the psync engine. Where fio is not installed the baseline is
 * {@code DurableBenchmark.baselineChannel}, the same in Java, which is run in either case.
 *
 * <p>{@code java -cp jmh-benchmarks/target/benchmarks.jar io.millrace.engine.shard.DurableAgainstFio [SECONDS
 * [BLOCK_LENGTH...]]}; the folder is {@code -Dbenchmark.dir=DIR}, as for the benchmarks.
 */
public final class DurableAgainstFio {
    private static final String FIO = "fio";
    private static final int FILE_LENGTH = 256 * 1024 * 1024;
    private static final int DEFAULT_SECONDS = 5;
    private static final String[] DEFAULT_BLOCK_LENGTHS = {"16384", "65536", "262144", "1048576"};
    private static final long FIO_GRACE_SECONDS = 120;
    private static final double MEGA = 1e6;
    /** The first bandwidth that is not zero: a job prints its read figures, all zero, before its write figures. */
    private static final Pattern BANDWIDTH = Pattern.compile("\"bw_bytes\"\\s*:\\s*([1-9][0-9]*)");

    private final int seconds;

    private DurableAgainstFio(final int seconds) {
        this.seconds = seconds;
    }

    /**
     * Runs the comparison.
     *
     * @param args seconds of a measurement, then block lengths
     * @throws IOException          when the folder cannot be written
     * @throws InterruptedException when the waiting for fio is interrupted
     * @throws RunnerException      when a benchmark fails
     */
    public static void main(final String[] args) throws IOException, InterruptedException, RunnerException {
        final List<String> arguments = new ArrayList<>(List.of(args));
        final int seconds = arguments.isEmpty() ? DEFAULT_SECONDS : Integer.parseInt(arguments.remove(0));
        if (arguments.isEmpty()) {
            arguments.addAll(List.of(DEFAULT_BLOCK_LENGTHS));
        }
        new DurableAgainstFio(seconds).compare(arguments);
    }

    private void compare(final List<String> blockLengths) throws IOException, InterruptedException, RunnerException {
        final boolean hasFio = isInstalled();
        if (!hasFio) {
            System.out.println("fio is not installed (on Debian or Ubuntu: apt-get install fio); the baseline is "
                + "FileChannel.write and force(false) alone.");
        }
        final List<String> lines = new ArrayList<>();
        for (final String blockLength : blockLengths) {
            final double fioFirst = hasFio ? fio(blockLength) : Double.NaN;
            final double channel = jmh("baselineChannel", blockLength);
            final double alone = jmh("blockByBlock", blockLength);
            final double grouped = jmh("groupCommit", blockLength);
            final double fioLast = hasFio ? fio(blockLength) : Double.NaN;
            final double fio = (fioFirst + fioLast) / 2;
            lines.add(String.format(Locale.ROOT, "%12s %10.1f %10.1f %12.1f %12.1f %12.1f %12.2f %12.2f %12.2f",
                blockLength, fioFirst / MEGA, fioLast / MEGA, channel / MEGA, alone / MEGA, grouped / MEGA,
                alone / fio, grouped / fio, alone / channel));
        }
        System.out.println("MB/s of durable writes, fdatasync after every block; group commit has 8 blocks under way");
        System.out.printf("%12s %10s %10s %12s %12s %12s %12s %12s %12s%n", "block bytes", "fio", "fio again",
            "FileChannel", "durable", "group commit", "durable/fio", "group/fio", "durable/FC");
        lines.forEach(System.out::println);
    }

    private double jmh(final String method, final String blockLength) throws RunnerException {
        final Collection<RunResult> results = new Runner(new OptionsBuilder()
            .include("^" + Pattern.quote(DurableBenchmark.class.getName() + "." + method) + "$")
            .param("blockLength", blockLength)
            .param("profile", "DURABLE")
            .param("openBlockCount", "8")
            .forks(1)
            .jvmArgsAppend(System.getProperty("benchmark.dir") == null
                ? new String[0] : new String[] {"-Dbenchmark.dir=" + System.getProperty("benchmark.dir")})
            .warmupTime(TimeValue.seconds(seconds))
            .warmupIterations(2)
            .measurementTime(TimeValue.seconds(seconds))
            .measurementIterations(2)
            .shouldFailOnError(true)
            .build()).run();
        return results.iterator().next().getSecondaryResults().get("bytes").getScore();
    }

    private double fio(final String blockLength) throws IOException, InterruptedException {
        try (Scratch scratch = new Scratch(FIO)) {
            final String output = run(List.of(FIO, "--name=millrace", "--directory=" + scratch.directory(),
                "--rw=write", "--bs=" + blockLength, "--size=" + FILE_LENGTH, "--overwrite=1", "--fdatasync=1",
                "--ioengine=psync", "--time_based", "--ramp_time=2", "--runtime=" + seconds,
                "--output-format=json"));
            final Matcher bandwidth = BANDWIDTH.matcher(output);
            if (!bandwidth.find()) {
                throw new IOException("fio printed no bandwidth:\n" + output);
            }
            return Double.parseDouble(bandwidth.group(1));
        }
    }

    private static boolean isInstalled() throws InterruptedException {
        try {
            final Process process = new ProcessBuilder(FIO, "--version")
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor() == 0;
        } catch (final IOException ex) {
            return false;
        }
    }

    private String run(final List<String> command) throws IOException, InterruptedException {
        System.out.println(String.join(" ", command));
        final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(seconds + FIO_GRACE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroy();
            throw new IOException("fio failed:\n" + output);
        }
        return output;
    }
}
