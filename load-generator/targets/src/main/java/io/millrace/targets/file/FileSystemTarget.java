package io.millrace.targets.file;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.store.StoreTarget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Plain files of the load generator: the floor of this machine's file system. Set-up thread. */
public final class FileSystemTarget implements TargetSystem {
    private static final String SYNC = "sync";

    /** Found by {@link java.util.ServiceLoader}. */
    public FileSystemTarget() {
    }

    @Override
    public String name() {
        return "file";
    }

    @Override
    public String summary() {
        return "a plain file a partition in the load generator's process: the floor; sync=none (default) or batch";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        final String sync = options.settings().getOrDefault(SYNC, "none");
        if (!Set.of("none", "batch").contains(sync) || options.settings().size() > 1
            || !options.settings().isEmpty() && !options.settings().containsKey(SYNC)) {
            throw new TargetRefusedException("settings of target file: value=" + options.settings()
                + " is none of sync=none, sync=batch", null);
        }
        final boolean isSynced = "batch".equals(sync);
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "plain files (FileChannel)");
        promise.put("nodes", "none: in the load generator's process");
        promise.put("replicas", "1");
        promise.put("acks_leader", isSynced ? "synced to the device" : "in the page cache");
        promise.put("acks_all", "the same");
        promise.put(RunningTarget.WAITS_FOR, "one copy");
        promise.put(RunningTarget.SYNCED, isSynced ? "yes" : "no");
        promise.put("sync", isSynced ? "before every answer (fdatasync), one for what was due together"
            : "left to the operating system");
        promise.put("batching", "what is due together is one write a partition");
        return new StoreTarget(name(), RunDirectory.open(options.dataDir(), name()), new FileStore(), isSynced,
            "Plain files in the load generator's process, no server, no replica; "
                + (isSynced ? "every answer waits for the device." : "an answer means the page cache has it."),
            promise);
    }
}
