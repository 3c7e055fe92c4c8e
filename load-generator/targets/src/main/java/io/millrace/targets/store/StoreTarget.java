package io.millrace.targets.store;

import io.millrace.load.driver.Backend;
import io.millrace.load.target.RunningTarget;
import io.millrace.targets.process.RunDirectory;
import java.nio.file.Path;
import java.util.Map;
import org.agrona.concurrent.NanoClock;

/**
 * A library in this process; its cost is part of the client's.
 *
 * @param name       of the system
 * @param directory  of its data, taken over
 * @param store      the library
 * @param isSynced   true if an acknowledgement waits for the device
 * @param durability in a sentence
 * @param promise    by parts
 */
public record StoreTarget(
    String name,
    RunDirectory directory,
    LaneStore store,
    boolean isSynced,
    String durability,
    Map<String, String> promise) implements RunningTarget {

    @Override
    public String bootstrap() {
        return null;
    }

    @Override
    public String description() {
        return store.version() + " in the load generator's process";
    }

    @Override
    public Path dataDir() {
        return directory.path();
    }

    @Override
    public Backend backend(final NanoClock clock) {
        return new StoreBackend(name, directory.path(), store, isSynced, clock);
    }

    @Override
    public void close() {
        directory.close();
    }
}
