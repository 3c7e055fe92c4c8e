package io.millrace.broker.sim;

import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.ProduceOutcomes;
import io.millrace.engine.log.Finding;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.log.ShardVerifier;
import io.millrace.engine.segment.SegmentNames;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import io.millrace.engine.state.ShardState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.NanoClock;

/** The real shard log on a simulated disk. */
final class EngineStore implements SimStore {
    private final SimOptions options;
    private final String name;
    private final NanoClock clock;
    private final RandomGenerator random;
    private final SimDisk disk;
    private final Set<Long> rotted = new HashSet<>();
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
    public SegmentedShardLog open(final ProduceOutcomes outcomes) throws IOException {
        syncer = new LogSyncer(clock);
        maintenance = new SegmentMaintenance(clock);
        return new ShardLogContext()
                .storage(options.mutant() == Mutant.RETRY_SYNC_AFTER_ERROR ? new StubbornStorage(disk) : disk)
                .shardName(name)
                .profile(options.durable() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED)
                .segmentLength(options.segmentLength())
                .shardCapacity(1L << 30)
                .ringCapacity(64 << 10)
                .backgroundSync(64 << 10, 300_000_000L)
                .outcomes(outcomes)
                .random(random)
                .errorHandler(problem -> {
                    if (!options.bitRot() && !options.has(FaultKind.SYNC_ERROR)) {
                        throw new AssertionError("the log complains", problem);
                    }
                })
                .syncer(syncer)
                .maintenance(maintenance)
                .open();
    }

    @Override
    public void failNextSync() {
        disk.failSyncAfter(0);
    }

    @Override
    public int background() {
        int workCount = random.nextInt(4) > 0 ? syncer.doWork() : 0;
        workCount += random.nextInt(4) == 0 ? maintenance.doWork() : 0;
        return workCount;
    }

    @Override
    public boolean rot(final RandomGenerator rotRandom) {
        final List<String> names = disk.list();
        final List<Long> bases = names.stream().map(name -> SegmentNames.basePosition(name, SegmentNames.LOG_SUFFIX))
            .filter(base -> base >= 0).toList();
        final List<Integer> candidates = new ArrayList<>();
        for (int i = 0; i + 1 < bases.size(); i++) {
            // a start that has to read a segment again cuts it, or takes it for torn when it was not yet checkpointed
            if (names.contains(SegmentNames.index(bases.get(i))) && !rotted.contains(bases.get(i))
                && bases.get(i + 1) <= checkpointed()) {
                candidates.add(i);
            }
        }
        if (candidates.isEmpty()) {
            return false;
        }
        final int i = candidates.get(rotRandom.nextInt(candidates.size()));
        final long base = bases.get(i);
        if (rotRandom.nextInt(4) == 0) {
            final String index = SegmentNames.index(base);
            disk.flipBit(index, rotRandom.nextInt(disk.bytes(index).length), rotRandom.nextInt(8));
        } else {
            disk.flipBit(SegmentNames.log(base), rotRandom.nextInt((int) (bases.get(i + 1) - base)),
                rotRandom.nextInt(8));
        }
        rotted.add(base); // once each: a segment that lost its index as well is set aside by the next start
        return true;
    }

    /** The synced position in the checkpoint file. */
    private long checkpointed() {
        return disk.list().contains(SegmentNames.CHECKPOINT)
            ? ByteBuffer.wrap(disk.bytes(SegmentNames.CHECKPOINT)).order(ByteOrder.LITTLE_ENDIAN).getLong(8) : 0;
    }

    @Override
    public boolean isSound() {
        try {
            return new ShardVerifier(disk, ShardState::new, new Silent(), true).run().findingCount() == 0;
        } catch (final IOException ex) {
            throw new UncheckedIOException(name, ex);
        }
    }

    private static final class Silent implements ShardVerifier.Listener {
        @Override
        public void onFinding(final Finding finding) {
            // counted
        }

        @Override
        public void onNote(final String note) {
            // no matter
        }

        @Override
        public boolean onProgress(final long doneLength, final long totalLength) {
            return true;
        }
    }

    @Override
    public void kill() {
        disk.killProcess();
    }

    @Override
    public void powerLoss() {
        disk.crash();
        if (options.mutant() == Mutant.SKIP_CHECKSUM_ON_RECOVERY) {
            TornFrames.makeWhole(disk);
        }
    }
}
