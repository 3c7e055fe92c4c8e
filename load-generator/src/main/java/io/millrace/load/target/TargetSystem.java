package io.millrace.load.target;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Consumer;

/**
 * A system that this tool can start and stop by itself, chosen by {@code --target NAME}. A module that has one names it
 * in {@code META-INF/services}; it starts processes, so that nothing of it reaches this class path.
 */
public interface TargetSystem {
    /** {@return the name it is chosen by, lower case} */
    String name();

    /** {@return one line for a list of systems} */
    String summary();

    /**
     * Starts it and returns when it serves. What cannot start throws
     * {@link io.millrace.load.driver.TargetUnreachableException} or
     * {@link io.millrace.load.driver.TargetRefusedException} with the remedy, and leaves nothing behind.
     *
     * @param options  where and how
     * @param progress told what happens, a line each
     * @return the running system, to be closed
     */
    RunningTarget start(TargetOptions options, Consumer<String> progress);

    /** {@return all systems on the class path} */
    static List<TargetSystem> all() {
        final List<TargetSystem> found = new ArrayList<>();
        ServiceLoader.load(TargetSystem.class).forEach(found::add);
        return found;
    }
}
