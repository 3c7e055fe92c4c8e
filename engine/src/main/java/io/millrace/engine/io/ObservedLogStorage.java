package io.millrace.engine.io;

import java.io.IOException;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/** A directory whose write and sync calls are timed; any thread. */
public final class ObservedLogStorage implements LogStorage {
    private final LogStorage storage;
    private final NanoClock clock;
    private final StorageObserver observer;

    /**
     * @param storage  does the work
     * @param clock    times it
     * @param observer hears of it
     */
    public ObservedLogStorage(final LogStorage storage, final NanoClock clock, final StorageObserver observer) {
        this.storage = storage;
        this.clock = clock;
        this.observer = observer;
    }

    @Override
    public List<String> list() throws IOException {
        return storage.list();
    }

    @Override
    public LogFile open(final String name, final boolean create) throws IOException {
        return new ObservedLogFile(storage.open(name, create), clock, observer);
    }

    @Override
    public void rename(final String from, final String to) throws IOException {
        storage.rename(from, to);
    }

    @Override
    public void delete(final String name) throws IOException {
        storage.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        final long startNs = clock.nanoTime();
        storage.syncDirectory();
        observer.onSync(startNs, clock.nanoTime());
    }

    @Override
    public long usableLength() throws IOException {
        return storage.usableLength();
    }

    @Override
    public String toString() {
        return storage.toString();
    }
}
