package io.millrace.load.run;

import io.millrace.load.target.RunningTarget;
import io.millrace.load.target.TargetOptions;
import io.millrace.load.target.TargetSystem;
import java.util.function.Consumer;

/** A local cluster of our own brokers. */
public final class MillraceSystem implements TargetSystem {
    /** The name it is chosen by; what a run without another word starts. */
    public static final String NAME = "millrace";

    /** Found by {@link java.util.ServiceLoader}. */
    public MillraceSystem() {
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String summary() {
        return "local brokers of this build, replicated; synced as the topic's profile says";
    }

    @Override
    public RunningTarget start(final TargetOptions options, final Consumer<String> progress) {
        progress.accept("starting a local cluster of " + options.nodeCount() + " brokers");
        return ClusterProcess.start(options);
    }
}
