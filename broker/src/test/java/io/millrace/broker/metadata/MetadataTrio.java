package io.millrace.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;

/** Three brokers' sessions with a quorum in memory, on a clock that is turned by hand. For tests; one thread. */
public final class MetadataTrio {
    private static final long STEP_NS = 10_000_000;

    public final InMemoryQuorum[] quorums = new InMemoryQuorum[4];
    private final InMemoryMetadataCluster cluster = new InMemoryMetadataCluster(2_000_000_000L);
    private long nextIncarnation = 1;
    public long nowNs = STEP_NS;

    public MetadataTrio startAll() {
        for (int id = 1; id <= 3; id++) {
            start(id, false);
        }
        return this;
    }

    /** A new process of a broker; registered afterwards, and ready unless the caller is to say so. */
    public void start(final int brokerId, final boolean readyByCaller) {
        final InMemoryQuorum quorum = cluster.connect((image, previous) -> { }, (atNs) -> true);
        quorums[brokerId] = quorum;
        if (readyByCaller) {
            quorum.readyByCaller();
        }
        final AtomicReference<MetadataResult> registered = new AtomicReference<>();
        quorum.register(Commands.register(brokerId, nextIncarnation++), registered::set);
        for (int i = 0; i < 1000 && registered.get() == null; i++) {
            step();
        }
        assertTrue(registered.get().isOk(), registered.get().toString());
        step();
    }

    public void stop(final int brokerId) {
        quorums[brokerId].close();
        quorums[brokerId] = null;
        step();
    }

    public void step() {
        nowNs += STEP_NS;
        for (final InMemoryQuorum quorum : quorums) {
            if (quorum != null) {
                quorum.doWork(nowNs);
            }
        }
    }

    public MetadataImage image(final int brokerId) {
        return quorums[brokerId].image();
    }

    /** {@return the way to the quorum, decided before the call returns} */
    public MetadataProxy proxy(final int brokerId) {
        return (command, handler) -> {
            final boolean taken = quorums[brokerId].proxy().offer(command, handler);
            step();
            return taken;
        };
    }

    public MetadataResult submit(final int brokerId, final MetadataCommand command) {
        final AtomicReference<MetadataResult> result = new AtomicReference<>();
        proxy(brokerId).offer(command, result::set);
        return result.get();
    }

    /** {@return the shard of a new topic with three replicas} */
    public ShardInfo createShard(final String topic) {
        assertTrue(submit(1, Commands.create(topic, 1, 3)).isOk());
        return image(1).shard(image(1).topic(topic).shardId(0));
    }
}
