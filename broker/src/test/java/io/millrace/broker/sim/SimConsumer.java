package io.millrace.broker.sim;

import java.util.random.RandomGenerator;

/** Reads one partition from its beginning, from whoever it takes for the leader. */
final class SimConsumer extends SimClient {
    private static final long TIMEOUT_NS = 150_000_000L;

    private final RandomGenerator random;
    private long position;
    private long generation;
    private boolean waiting;

    SimConsumer(final Simulation simulation, final RandomGenerator random, final int id, final int shardId,
        final int partitionId) {
        super(simulation, id, shardId, partitionId);
        this.random = random;
    }

    /** {@return the next offset it wants} */
    long position() {
        return position;
    }

    void run() {
        if (!waiting) {
            waiting = true;
            final long asked = ++generation;
            final SimNode leader = simulation.node(leaderId());
            simulation.ask(this, () -> leader.frontDoor().fetch(this, asked));
            simulation.scheduler().after(TIMEOUT_NS, () -> {
                if (generation == asked) {
                    onNotLeader(asked);
                }
            });
        }
        simulation.scheduler().after(random.nextLong(5_000_000L, 60_000_000L), this::run);
    }

    void onNotLeader(final long ofGeneration) {
        if (ofGeneration == generation) {
            generation++;
            waiting = false;
            findLeader();
        }
    }

    void onBatches(final long ofGeneration, final SimReader.Result result) {
        if (ofGeneration != generation) {
            return;
        }
        generation++;
        waiting = false;
        if (result.isOutOfRange()) {
            simulation.history().outOfRange(this, result.logEndOffset());
            position = result.logEndOffset();
            return;
        }
        if (position < result.logStartOffset()) {
            position = result.logStartOffset(); // retention was faster
        }
        for (final SimReader.Batch batch : result.batches()) {
            simulation.history().read(this, batch);
            position = batch.nextOffset();
        }
    }

    @Override
    public String toString() {
        return "consumer " + id + " at " + position + " of broker " + leaderId();
    }
}
