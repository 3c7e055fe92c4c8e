package io.millrace.broker.sim;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.ShardLog;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/** The real shard log on a simulated disk. */
final class EngineStore implements SimStore {
    private final SimOptions options;
    private final String name;
    private final NanoClock clock;
    private final RandomGenerator random;
    private final SimDisk disk;
    private LogSyncer syncer;
    private SegmentMaintenance maintenance;

    EngineStore(final SimOptions options, final String name, final NanoClock clock, final RandomGenerator random) {
        this.options = options;
        this.name = name;
        this.clock = clock;
        this.random = random;
        disk = new SimDisk(random.nextLong());
    }

    @Override
    public ShardLog open(final ProduceOutcomes outcomes) {
        syncer = new LogSyncer(clock);
        maintenance = new SegmentMaintenance(clock);
        try {
            return new ShardLogContext()
                .storage(disk)
                .shardName(name)
                .profile(options.durable() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED)
                .segmentLength(options.segmentLength())
                .shardCapacity(1L << 30)
                .ringCapacity(64 << 10)
                .backgroundSync(64 << 10, 300_000_000L)
                .outcomes(outcomes)
                .random(random)
                .errorHandler(problem -> {
                    throw new AssertionError("the log complains", problem);
                })
                .syncer(syncer)
                .maintenance(maintenance)
                .open();
        } catch (final IOException ex) {
            throw new UncheckedIOException(name + " does not open", ex);
        }
    }

    @Override
    public int background(final long nowNs) {
        int workCount = random.nextInt(4) > 0 ? syncer.doWork() : 0;
        workCount += random.nextInt(4) == 0 ? maintenance.doWork() : 0;
        return workCount;
    }

    @Override
    public void kill() {
        disk.killProcess();
    }

    @Override
    public void powerLoss() {
        disk.crash();
    }
}
