package io.millrace.targets.archive;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.process.ServerProcess;
import io.millrace.targets.process.ServerTarget;
import io.millrace.targets.wire.Wire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Aeron Archive on this machine: one process with media driver and archive, no replica. Set-up thread. */
public final class ArchiveSystem implements TargetSystem {
    private static final String SYNC_LEVEL = "aeron.archive.file.sync.level";
    private static final long READY_TIMEOUT_S = 60;

    /** Found by {@link java.util.ServiceLoader}. */
    public ArchiveSystem() {
    }

    @Override
    public String name() {
        return "aeron-archive";
    }

    @Override
    public String summary() {
        return "Aeron Archive: recorded publications over shared memory, media driver and archive in one process, no "
            + "replica, no sync";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final String syncLevel = options.settings().getOrDefault(SYNC_LEVEL, "0");
        if (!syncLevel.matches("[012]") || options.settings().size() > (options.settings().containsKey(SYNC_LEVEL)
            ? 1 : 0)) {
            throw new TargetRefusedException("settings of target aeron-archive: value=" + options.settings()
                + " is not " + SYNC_LEVEL + "=0, 1 or 2", null);
        }
        final RunDirectory directory = RunDirectory.open(options.dataDir(), name());
        // the driver's buffers are meant for memory, not for a disk
        final Path memory = Path.of("/dev/shm");
        final String aeronDir = (Files.isWritable(memory) ? memory : directory.path())
            .resolve("millrace-" + directory.path().getFileName()).toString();
        final List<String> command = new ArrayList<>(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-XX:+UseSerialGC",
            "--add-opens", "java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens",
            "java.base/sun.nio.ch=ALL-UNNAMED"));
        if (Runtime.version().feature() >= 24) {
            command.addAll(List.of("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED"));
        }
        command.addAll(options.foreignJvmOptions());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ArchiveMain.class.getName(), aeronDir,
            directory.path().resolve("archive").toString(), syncLevel));
        progress.accept("starting Aeron Archive " + version());
        final ArchiveBackend.Topics topics = ArchiveBackend.Topics.none();
        return ServerTarget.start(about(syncLevel), directory, List.of(new ServerTarget.Node(
            () -> ServerProcess.start("aeron-archive", command, Map.of(), directory.path()),
            () -> isReady(directory.path().resolve("aeron-archive.out"), aeronDir))),
            clock -> new ArchiveBackend(aeronDir, clock, topics), READY_TIMEOUT_S,
            options.isStopped());
    }

    /** Only once it says so: a client that comes too early finds files that are not whole yet. */
    private static boolean isReady(final Path output, final String aeronDir) {
        try {
            if (!Files.exists(output) || !Files.readString(output).contains("ready ")) {
                return false;
            }
            ArchiveLink.connect(aeronDir).close();
            return true;
        } catch (final java.io.IOException | Wire.WireException ex) {
            return false; // not yet
        }
    }

    private static String version() {
        final String version = io.aeron.Aeron.class.getPackage().getImplementationVersion();
        return version == null ? "" : version;
    }

    private static ServerTarget.About about(final String syncLevel) {
        final String sync = switch (syncLevel) {
            case "1" -> "each write, data (" + SYNC_LEVEL + "=1)";
            case "2" -> "each write, data and metadata (" + SYNC_LEVEL + "=2)";
            default -> "left to the operating system (" + SYNC_LEVEL + "=0, the default)";
        };
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "Aeron Archive " + version());
        promise.put("nodes", "1 process: media driver and archive, shared threads");
        promise.put("replicas", "1");
        promise.put("acks_leader", "the archive has written it to its recording");
        promise.put("acks_all", "the same: there is no replica");
        promise.put(RunningTarget.WAITS_FOR, "one copy");
        promise.put(RunningTarget.SYNCED, "0".equals(syncLevel) ? "no" : "yes");
        promise.put("sync", sync);
        promise.put("batching", "Aeron's own: the recorder writes what is there in blocks");
        return new ServerTarget.About("Aeron Archive " + version() + ", 1 process",
            "Aeron Archive: one process, no replica, over shared memory; an answer means that the recorded position "
                + "has passed the record; sync: " + sync + ".", promise, null);
    }
}
