package io.millrace.targets.store;

import io.millrace.load.driver.Backend;
import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.RecordSource;
import io.millrace.load.driver.TopicAdmin;
import io.millrace.load.workload.Workload;
import io.millrace.targets.wire.PeerClient;
import io.millrace.targets.wire.PeerDriver;
import io.millrace.targets.wire.PublishProtocol;
import java.nio.file.Path;
import java.util.List;
import org.agrona.concurrent.NanoClock;

/**
 * Topics in directories, records in a library's files.
 *
 * @param name     of the system
 * @param root     directory of all topics
 * @param store    the library
 * @param isSynced true if an acknowledgement waits for the device
 * @param clock    of the acknowledgements
 */
public record StoreBackend(String name, Path root, LaneStore store, boolean isSynced, NanoClock clock)
    implements Backend {
    private static final int READ_COUNT = 1_000;

    @Override
    public TopicAdmin openAdmin() {
        return new StoreAdmin(name, root, store);
    }

    @Override
    public LoadDriver openDriver(final Workload workload, final String topic, final long runId) {
        return new PeerDriver(name, workload, topic, runId, clock, new Client(this));
    }

    @Override
    public RecordSource openSource() {
        return this::readAll;
    }

    private void readAll(
        final String topic, final long[] startOffsets, final long[] endOffsets, final RecordSource.Handler handler) {
        for (int p = 0; p < startOffsets.length; p++) {
            try (LaneStore.Reader reader = store.reader(StoreAdmin.directory(root, topic, p))) {
                reader.skip(startOffsets[p]);
                long left = endOffsets[p] - startOffsets[p];
                int count = 1;
                while (left > 0 && count > 0 && !handler.isStopped()) {
                    count = reader.read(p, (int) Math.min(left, READ_COUNT), handler);
                    left -= count;
                }
            }
        }
    }

    /**
     * Opens appenders and readers for a run.
     *
     * @param backend they belong to
     */
    private record Client(StoreBackend backend) implements PeerClient {
        @Override
        public String description() {
            return backend.store.version() + " in this process; what is due together is handed over together";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            final LaneStore.Appender[] appenders = new LaneStore.Appender[topics.size() * partitions];
            for (int i = 0; i < appenders.length; i++) {
                appenders[i] = backend.store.appender(
                    StoreAdmin.directory(backend.root, topics.get(i / partitions), i % partitions), backend.isSynced);
            }
            return new StorePublisher(appenders);
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            final LaneStore.Reader[] readers = new LaneStore.Reader[lanes.length];
            for (int i = 0; i < lanes.length; i++) {
                readers[i] = backend.store.reader(
                    StoreAdmin.directory(backend.root, topics.get(lanes[i] / partitions), lanes[i] % partitions));
            }
            return new StoreConsumer(readers, lanes, startOffsets);
        }
    }
}
