package io.millrace.broker.api;

import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.util.SplittableRandom;
import org.agrona.concurrent.NanoClock;

/** Logs on a disk in memory, by a clock of the test. */
final class SimLogs {
    private SimLogs() {
    }

    static SegmentedShardLog open(final OutcomeQueue outcomes, final NanoClock clock, final int segmentLength)
        throws IOException {
        return new ShardLogContext().storage(new SimDisk(1)).outcomes(outcomes).segmentLength(segmentLength)
            .ringCapacity(1 << 20).random(new SplittableRandom(1)).errorHandler(problem -> { })
            .syncer(new LogSyncer(clock)).maintenance(new SegmentMaintenance(clock)).open();
    }
}
