package io.millrace.broker.sim;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.format.BatchDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One producer of one partition. An idempotent one (acks=all) has several batches in flight, and after an error or a
 * time-out it sends everything not acked again, in order, one at a time until one is acked. A plain one may send again
 * (then its batches may be there twice), or never.
 */
final class SimProducer extends SimClient {
    static final int ALL = -1;
    private static final int MAX_IN_FLIGHT = 3;
    private static final long TIMEOUT_NS = 150_000_000L;
    private static final int NEW_PRODUCER_STEP = 1_000;

    final int acks;
    final boolean idempotent;
    final boolean retries;
    private final RandomGenerator random;
    private final List<SimBatch> pending = new ArrayList<>();
    private int sentCount;
    private long producerId;
    private int nextSequence;
    private long generation;
    private long nextBatch;
    private boolean careful = true;
    private boolean finished;

    SimProducer(final Simulation simulation, final RandomGenerator random, final int id, final int shardId,
        final int partitionId, final int acks, final boolean idempotent, final boolean retries) {
        super(simulation, id, shardId, partitionId);
        this.random = random;
        this.acks = acks;
        this.idempotent = idempotent;
        this.retries = retries;
        producerId = id;
    }

    boolean isDone() {
        return finished && pending.isEmpty();
    }

    void finish() {
        finished = true;
    }

    /** Sends what it may; goes on by itself. */
    void run() {
        if (isDone()) {
            return;
        }
        if (!finished && pending.size() < (idempotent ? MAX_IN_FLIGHT : 1)) {
            pending.add(newBatch());
        }
        while (sentCount < (careful ? Math.min(1, pending.size()) : pending.size())) {
            send(pending.get(sentCount));
        }
        final long pauseNs = random.nextInt(20) == 0 ? 50_000_000L : 5_000_000L;
        simulation.scheduler().after(random.nextLong(pauseNs), this::run);
    }

    private SimBatch newBatch() {
        final int recordCount = 1 + random.nextInt(4);
        final int maxLength = simulation.options().maxRecordsLength();
        final int length = 1 + random.nextInt(random.nextInt(50) == 0 ? 2 * maxLength : maxLength);
        final SimBatch batch = new SimBatch(id * SimBatch.CLIENT_STEP + nextBatch++,
            idempotent ? producerId : BatchDescriptor.NO_PRODUCER_ID, nextSequence, recordCount, length, random);
        nextSequence += recordCount;
        return batch;
    }

    private void send(final SimBatch batch) {
        final long sentGeneration = generation;
        final SimNode leader = simulation.node(leaderId());
        simulation.ask(this, () -> leader.frontDoor().produce(this, batch, sentGeneration));
        if (acks == 0) {
            pending.remove(batch);
            if (random.nextInt(10) == 0) {
                findLeader(); // it hears of no error
            }
            return;
        }
        sentCount++;
        simulation.scheduler().after(TIMEOUT_NS, () -> {
            if (generation == sentGeneration && pending.contains(batch)) {
                simulation.counters().count("requests timed out");
                onFailure(batch);
            }
        });
    }

    void onResponse(final SimBatch batch, final long sentGeneration, final short errorCode) {
        if (generation != sentGeneration || !pending.contains(batch)) {
            return; // over a connection given up since
        }
        if (errorCode == ErrorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER && pending.get(0) == batch) {
            simulation.history().sequenceLost(this, batch);
            beginAnew();
        } else if (errorCode != ErrorCodes.NONE) {
            simulation.counters().count("requests refused");
            onFailure(batch);
        } else if (pending.get(0) != batch) {
            onFailure(batch); // the answer before it got lost, so the connection broke
        } else {
            pending.remove(0);
            sentCount--;
            careful = false;
        }
    }

    private void onFailure(final SimBatch batch) {
        generation++;
        sentCount = 0;
        careful = true;
        findLeader();
        if (idempotent || retries) {
            simulation.counters().count("requests sent again");
        } else {
            pending.remove(batch); // may be in the log or not; never sent again
        }
    }

    /** What it was acked is gone, and the broker knows it no more: a new producer id. */
    private void beginAnew() {
        generation++;
        sentCount = 0;
        careful = true;
        producerId += NEW_PRODUCER_STEP;
        nextSequence = 0;
        for (int i = 0; i < pending.size(); i++) {
            final SimBatch batch = pending.get(i);
            pending.set(i, batch.ofProducer(producerId, nextSequence));
            nextSequence += batch.recordCount;
        }
    }

    @Override
    public String toString() {
        return "producer " + id + " acks=" + acks + " pending=" + pending.size() + " to broker " + leaderId();
    }
}
