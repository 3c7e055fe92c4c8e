package io.millrace.load.run;

import io.millrace.load.workload.Units;
import io.millrace.results.model.Environment;
import io.millrace.results.store.EnvironmentProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * Looks at a machine for what would spoil a measurement; one thread.
 *
 * @param root    of /proc and /sys, "/" but in a test
 * @param dataDir where brokers would keep their data; the fsync probe writes there
 */
public record Doctor(Path root, Path dataDir) {
    private static final long MIN_FREE_LENGTH = 5L << 30;
    private static final long MIN_SHM_LENGTH = 256L << 20;
    private static final long MIN_SOCKET_LENGTH = 2L << 20;
    private static final double MAX_LOAD = 0.5;
    private static final long MAX_FSYNC_P99_NS = 20_000_000;
    private static final int FSYNC_COUNT = 100;
    private static final long FSYNC_LIMIT_NS = 5_000_000_000L;
    private static final int CLOCK_CALLS = 200_000;
    private static final long MAX_CLOCK_CALL_NS = 200;

    /**
     * One line of the findings.
     *
     * @param name   what was looked at
     * @param isOk   true if it spoils nothing
     * @param found  what is there
     * @param remedy what it spoils and what to do, null if it is all right
     */
    public record Finding(String name, boolean isOk, String found, String remedy) {
    }

    /** {@return every finding, the bad ones with their remedy} */
    public List<Finding> examine() {
        final Environment env = EnvironmentProbe.capture(dataDir);
        final List<Finding> findings = new ArrayList<>();
        findings.add(new Finding("processors", env.cores() >= 4, env.cores() + " of " + env.cpu(), env.cores() >= 4
            ? null : "load generator and brokers share them, so each disturbs the other: compare with ABBA pairs and "
            + "trust CPU seconds per GB before latencies"));
        final String governor = env.governor();
        findings.add(new Finding("frequency governor", governor == null || "performance".equals(governor),
            governor == null ? "not told (virtual machine?)" : governor, governor == null
            || "performance".equals(governor) ? null : "the clock changes with the load: cpupower frequency-set -g "
            + "performance"));
        findings.add(hugePages());
        findings.add(clock(env.clocksource()));
        findings.add(load(env));
        findings.add(disk(env));
        findings.add(fsync());
        findings.add(length("/dev/shm", env.devShmBytes(), MIN_SHM_LENGTH,
            "Aeron's buffers live there: mount -o remount,size=512M /dev/shm"));
        findings.add(length("socket receive buffer", env.rmemMaxBytes(), MIN_SOCKET_LENGTH,
            "replication drops packets in bursts: sysctl -w net.core.rmem_max=2097152"));
        findings.add(length("socket send buffer", env.wmemMaxBytes(), MIN_SOCKET_LENGTH,
            "replication sends in smaller bursts: sysctl -w net.core.wmem_max=2097152"));
        final boolean isLimited = env.cgroup() != null && env.cgroup().cpus() != null;
        findings.add(new Finding("processor quota", !isLimited,
            isLimited ? env.cgroup().cpus() + " processors of a control group" : "none", isLimited
            ? "the group is stopped for the rest of each period once its quota is used: raise or remove the quota"
            : null));
        findings.add(swap());
        return findings;
    }

    private Finding hugePages() {
        final String text = read("sys/kernel/mm/transparent_hugepage/enabled");
        if (text == null) {
            return new Finding("transparent huge pages", true, "not told", null);
        }
        final int open = text.indexOf('[');
        final String now = open < 0 ? text : text.substring(open + 1, text.indexOf(']', open));
        return new Finding("transparent huge pages", !"always".equals(now), now, "always".equals(now)
            ? "the kernel stops processes to put pages together: echo madvise > "
            + "/sys/kernel/mm/transparent_hugepage/enabled" : null);
    }

    private static Finding clock(final String source) {
        final long startNs = System.nanoTime();
        for (int i = 0; i < CLOCK_CALLS; i++) {
            System.nanoTime();
        }
        final long callNs = (System.nanoTime() - startNs) / CLOCK_CALLS;
        final boolean isOk = callNs <= MAX_CLOCK_CALL_NS;
        return new Finding("clock source", isOk, (source == null ? "not told" : source) + ", " + callNs + " ns a call",
            isOk ? null : "every record asks for the time several times: use tsc or kvm-clock "
            + "(/sys/devices/system/clocksource/clocksource0/current_clocksource)");
    }

    private static Finding load(final Environment env) {
        if (env.loadAverage1m() == null) {
            return new Finding("load", true, "not told", null);
        }
        final boolean isOk = env.loadAverage1m() <= MAX_LOAD * env.cores();
        return new Finding("load", isOk, String.format(Locale.ROOT, "%.2f over the last minute", env.loadAverage1m()),
            isOk ? null : "something else runs here: wait until it has ended, or end it (see top)");
    }

    private static Finding disk(final Environment env) {
        if (env.disk() == null) {
            return new Finding("disk", true, "not told", null);
        }
        final boolean isMemory = "tmpfs".equals(env.disk().fs());
        final boolean isOk = env.disk().freeBytes() >= MIN_FREE_LENGTH && !isMemory;
        return new Finding("disk", isOk, Units.length(env.disk().freeBytes()) + " free, " + env.disk().fs() + " on "
            + env.disk().device(), isOk ? null : isMemory ? "a sync costs nothing in memory, so durability is not "
            + "measured: name a directory on a disk with --data"
            : "long runs are refused or end early: free some, or name another directory with --data");
    }

    private Finding fsync() {
        try {
            final Histogram times = FsyncProbe.run(dataDir, FSYNC_COUNT, FSYNC_LIMIT_NS);
            final long p99Ns = times.getValueAtPercentile(99);
            final boolean isOk = p99Ns <= MAX_FSYNC_P99_NS;
            return new Finding("fsync", isOk, "p50 " + Units.duration(times.getValueAtPercentile(50)) + ", p99 "
                + Units.duration(p99Ns) + " for 4 KiB", isOk ? null : "topics of profile durable wait that long for "
                + "each batch: use a faster disk with --data, or compare durability levels on this one only");
        } catch (final IOException ex) {
            return new Finding("fsync", false, "cannot be tried in " + dataDir + ": " + ex.getMessage(),
                "name a directory that can be written with --data");
        }
    }

    private Finding swap() {
        final String text = read("proc/swaps");
        final boolean isUsed = text != null && text.lines().skip(1).map(line -> line.trim().split("\\s+"))
            .anyMatch(fields -> fields.length > 3 && !"0".equals(fields[3]));
        return new Finding("swap", !isUsed, isUsed ? "in use" : "not in use",
            isUsed ? "a page that comes back from disk stops its thread: free memory, then swapoff -a" : null);
    }

    private static Finding length(final String name, final Long length, final long least, final String remedy) {
        if (length == null) {
            return new Finding(name, true, "not told", null);
        }
        return new Finding(name, length >= least, Units.length(length),
            length >= least ? null : "less than " + Units.length(least) + "; " + remedy);
    }

    private String read(final String name) {
        try {
            return Files.readString(root.resolve(name)).strip();
        } catch (final IOException ex) {
            return null;
        }
    }
}
