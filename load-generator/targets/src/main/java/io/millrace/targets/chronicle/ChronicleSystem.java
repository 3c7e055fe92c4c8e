package io.millrace.targets.chronicle;

import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import io.millrace.targets.process.RunDirectory;
import io.millrace.targets.store.DriverJars;
import io.millrace.targets.store.LaneStore;
import io.millrace.targets.store.StoreTarget;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Chronicle Queue in the load generator's process: a queue a partition. Set-up thread. */
public final class ChronicleSystem implements TargetSystem {
    /** Found by {@link java.util.ServiceLoader}. */
    public ChronicleSystem() {
    }

    @Override
    public String name() {
        return "chronicle";
    }

    @Override
    public String summary() {
        return "Chronicle Queue in the load generator's process: mapped files, no server, no replica, no sync";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        if (!options.settings().isEmpty()) {
            throw new TargetRefusedException("settings of target chronicle: value=" + options.settings()
                + ", but there are none", null);
        }
        if (!Object.class.getModule().isOpen("java.lang.reflect", ChronicleSystem.class.getModule())) {
            throw new TargetRefusedException("Chronicle Queue reaches into the JDK, which must be opened when the "
                + "process starts: name the target on the command line (--target chronicle), so that the launcher "
                + "sees it, or set MILLRACE_CHRONICLE=1", null);
        }
        // before any of its classes is loaded: nothing is to be sent anywhere, and nothing printed
        System.setProperty("chronicle.analytics.disable", "true");
        System.setProperty("chronicle.announcer.disable", "true");
        System.setProperty("jvm.resource.tracing", "false");
        final LaneStore store = DriverJars.load(name());
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", store.version());
        promise.put("nodes", "none: in the load generator's process");
        promise.put("replicas", "1");
        promise.put("acks_leader", "in a mapped file, so in the page cache");
        promise.put("acks_all", "the same: there is no replica");
        promise.put(RunningTarget.WAITS_FOR, "one copy");
        promise.put(RunningTarget.SYNCED, "no");
        promise.put("sync", "left to the operating system");
        promise.put("batching", "none: a record is there when append returns");
        return new StoreTarget(name(), RunDirectory.open(options.dataDir(), name()), store, false,
            "Chronicle Queue in the load generator's process, no server, no replica; an answer means the page cache "
                + "has it.", promise);
    }
}
