package io.millrace.broker.sim;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One producer of one partition. With acks=all it is idempotent: several batches in flight, and after an error or a
 * time-out everything not acked is sent again in order. Else it never sends a batch twice.
 */
final class SimClient {
    static final int PARTITION_COUNT = 3;
    private static final int MAX_IN_FLIGHT = 3;
    private static final long TIMEOUT_NS = 150_000_000L;

    final int id;
    final int shardId;
    final int acks;
    private final Simulation simulation;
    private final RandomGenerator random;
    private final int partitionId;
    private final List<SimBatch> pending = new ArrayList<>();
    private final List<SimBatch> acked = new ArrayList<>();
    private int sentCount;
    private int nextSequence;
    private long generation;
    private long nextBatch;
    private long responseNs;
    private boolean finished;

    SimClient(
        final Simulation simulation, final RandomGenerator random, final int id, final int shardId, final int acks) {
        this.simulation = simulation;
        this.random = random;
        this.id = id;
        this.shardId = shardId;
        this.acks = acks;
        this.partitionId = id % PARTITION_COUNT;
    }

    boolean isIdempotent() {
        return acks == -1;
    }

    List<SimBatch> acked() {
        return acked;
    }

    int partitionId() {
        return partitionId;
    }

    boolean isDone() {
        return finished && (pending.isEmpty() || !isIdempotent());
    }

    void finish() {
        finished = true;
    }

    /** Sends what it may; goes on by itself. */
    void run() {
        if (finished && pending.isEmpty()) {
            return;
        }
        if (!finished && pending.size() < (isIdempotent() ? MAX_IN_FLIGHT : 1)) {
            pending.add(newBatch());
        }
        boolean full = false;
        while (sentCount < pending.size() && !full) {
            full = !send(pending.get(sentCount));
        }
        final long pauseNs = random.nextInt(20) == 0 ? 50_000_000L : 3_000_000L;
        simulation.scheduler().after(random.nextLong(pauseNs), this::run);
    }

    private SimBatch newBatch() {
        final int recordCount = 1 + random.nextInt(4);
        final int maxLength = simulation.options().maxRecordsLength();
        final SimBatch batch = new SimBatch(
            id * 1_000_000L + nextBatch++, isIdempotent() ? 1_000 + id : BatchDescriptor.NO_PRODUCER_ID, nextSequence,
            recordCount, 1 + random.nextInt(random.nextInt(50) == 0 ? 2 * maxLength : maxLength), random);
        nextSequence += recordCount;
        return batch;
    }

    /** {@return false when it has to wait and try again} */
    private boolean send(final SimBatch batch) {
        final long sentGeneration = generation;
        final int result = simulation.produce(this, batch, sentGeneration);
        if (result == ShardIngress.FULL || result == ShardIngress.NOT_LEADING) {
            return false;
        }
        if (acks == 0) {
            pending.remove(batch);
            return true;
        }
        sentCount++;
        simulation.scheduler().after(TIMEOUT_NS, () -> {
            if (pending.contains(batch) && generation == sentGeneration) {
                simulation.counters().timedOut++;
                onFailure(batch);
            }
        });
        return true;
    }

    /** {@return when an answer given now arrives: behind all given before} */
    long nextResponseNs(final long delayNs) {
        responseNs = Math.max(responseNs + 1, simulation.scheduler().nowNs() + delayNs);
        return responseNs;
    }

    void onResponse(final SimBatch batch, final long sentGeneration, final short errorCode) {
        if (generation != sentGeneration || !pending.contains(batch)) {
            return; // over a connection given up since
        }
        if (errorCode != ErrorCodes.NONE) {
            simulation.counters().refused++;
            onFailure(batch);
        } else if (pending.get(0) != batch) {
            onFailure(batch); // the answer before it got lost, so the connection broke
        } else {
            pending.remove(0);
            sentCount--;
            acked.add(batch);
        }
    }

    private void onFailure(final SimBatch batch) {
        generation++;
        if (isIdempotent()) {
            simulation.counters().clientRetries++;
            sentCount = 0;
        } else {
            pending.remove(batch); // may be in the log or not; never sent again
            sentCount = 0;
        }
    }
}
