package io.millrace.results.store;

import io.millrace.results.model.Environment;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Looks at the machine through /proc and /sys; what cannot be read stays null, nothing here fails a run. */
public final class EnvironmentProbe {
    private EnvironmentProbe() {
    }

    /**
     * Looks at this machine.
     *
     * @param dataDir where the measured brokers keep their data (need not exist yet), or null if they are elsewhere
     * @return what was found
     */
    public static Environment capture(final Path dataDir) {
        final String cpuInfo = text("/proc/cpuinfo");
        final String cpu = Objects.requireNonNullElse(
            first(cpuInfo, "(?m)^model name\\s*:\\s*(.+)$"), System.getProperty("os.arch"));
        final int cores = Runtime.getRuntime().availableProcessors();
        final Long memoryBytes = kibibytes(first(text("/proc/meminfo"), "(?m)^MemTotal:\\s*(\\d+) kB"));
        final String kernel = System.getProperty("os.name") + " " + System.getProperty("os.version");
        final String jdk = System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version");
        final String governor = line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
        final Environment.Disk disk = dataDir == null ? null : disk(dataDir);
        final String fingerprint = sha256(Stream.of(cpu, cores, memoryBytes, kernel, jdk, governor,
            disk == null ? null : disk.fs()).map(String::valueOf).collect(Collectors.joining("|")));
        return new Environment(
            fingerprint,
            host(),
            cpu,
            cores,
            cpuInfo == null ? null : first(cpuInfo, "(?m)^flags\\s*:.*\\b(hypervisor)\\b") != null,
            governor,
            memoryBytes,
            kernel,
            unquoted(first(text("/etc/os-release"), "(?m)^PRETTY_NAME=(.+)$")),
            cgroup(),
            jdk,
            List.copyOf(ManagementFactory.getRuntimeMXBean().getInputArguments()),
            disk,
            line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            storeLength("/dev/shm"),
            number(line("/proc/sys/net/core/rmem_max")),
            number(line("/proc/sys/net/core/wmem_max")),
            load(),
            null);
    }

    private static Environment.Cgroup cgroup() {
        // Version 2 first; the group of this process is the root of its own namespace in a container.
        final String own = first(text("/proc/self/cgroup"), "(?m)^0::(.*)$");
        final String base = "/sys/fs/cgroup" + (own == null ? "" : own);
        String cpuMax = line(base + "/cpu.max");
        String memoryMax = line(base + "/memory.max");
        if (cpuMax == null) {
            cpuMax = line("/sys/fs/cgroup/cpu.max");
        }
        if (memoryMax == null) {
            memoryMax = line("/sys/fs/cgroup/memory.max");
        }
        Double cpus = null;
        final Matcher quota = Pattern.compile("(\\d+) (\\d+)").matcher(cpuMax == null ? "" : cpuMax);
        if (quota.matches()) {
            cpus = Double.parseDouble(quota.group(1)) / Double.parseDouble(quota.group(2));
        }
        return new Environment.Cgroup(cpus, number(memoryMax));
    }

    private static Environment.Disk disk(final Path dataDir) {
        try {
            Path existing = dataDir.toAbsolutePath().normalize();
            while (!Files.exists(existing)) {
                existing = existing.getParent();
            }
            existing = existing.toRealPath();
            final FileStore store = Files.getFileStore(existing);
            final Mount mount = mountOf(existing);
            return new Environment.Disk(
                store.type(),
                mount == null ? null : mount.point,
                mount == null ? null : mount.source,
                mount == null ? null : mount.options,
                mount == null ? null : scheduler(mount.device),
                store.getTotalSpace(),
                store.getUsableSpace(),
                null,
                null);
        } catch (final IOException | RuntimeException ex) {
            return null;
        }
    }

    private static Mount mountOf(final Path path) {
        // id parent major:minor root point options [optional...] - type source super-options
        final String mounts = text("/proc/self/mountinfo");
        Mount best = null;
        for (final String row : (mounts == null ? "" : mounts).split("\n")) {
            final String[] halves = row.split(" - ", 2);
            final String[] left = halves[0].split(" ");
            if (halves.length < 2 || left.length < 6) {
                continue;
            }
            final String point = left[4].replace("\\040", " ");
            if (path.startsWith(point) && (best == null || point.length() >= best.point.length())) {
                final String[] right = halves[1].split(" ");
                best = new Mount(point, left[5], left[2], right.length > 1 ? right[1] : null);
            }
        }
        return best;
    }

    private static String scheduler(final String device) {
        String schedulers = line("/sys/dev/block/" + device + "/queue/scheduler");
        if (schedulers == null) {
            schedulers = line("/sys/dev/block/" + device + "/../queue/scheduler"); // a partition: ask its disk
        }
        final String chosen = first(schedulers, "\\[(.+)]");
        return chosen == null ? schedulers : chosen;
    }

    private static String host() {
        final String name = line("/proc/sys/kernel/hostname");
        if (name != null) {
            return name;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (final IOException ex) {
            return "localhost";
        }
    }

    private static Double load() {
        final double average = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return average < 0 ? null : Double.valueOf(average);
    }

    private static Long storeLength(final String path) {
        try {
            return Files.getFileStore(Path.of(path)).getTotalSpace();
        } catch (final IOException ex) {
            return null;
        }
    }

    /** Reads with one large buffer: some files of /proc/sys end after the first read, however short it was. */
    private static String text(final String path) {
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            final byte[] buffer = new byte[1 << 16];
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                bytes.write(buffer, 0, length);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (final IOException | RuntimeException ex) {
            return null;
        }
    }

    private static String line(final String path) {
        final String text = text(path);
        return text == null || text.isBlank() ? null : text.strip();
    }

    private static String first(final String text, final String pattern) {
        if (text == null) {
            return null;
        }
        final Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1).strip() : null;
    }

    private static String unquoted(final String text) {
        return text == null ? null : text.replace("\"", "");
    }

    private static Long number(final String text) {
        return text != null && text.matches("\\d{1,18}") ? Long.valueOf(text) : null;
    }

    private static Long kibibytes(final String text) {
        final Long value = number(text);
        return value == null ? null : Long.valueOf(value * 1024);
    }

    private static String sha256(final String text) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (final NoSuchAlgorithmException ex) {
            throw new IllegalStateException("every JDK has SHA-256", ex);
        }
    }

    private record Mount(String point, String options, String device, String source) {
    }
}
