package io.millrace.broker.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What clients were told and shown, and in the end whether it was right. */
final class SimHistory {
    private record Ack(SimProducer client, long baseOffset) {
    }

    private record Read(SimConsumer consumer, SimReader.Batch batch) {
    }

    private final Simulation simulation;
    private final Map<Long, Ack> acks = new LinkedHashMap<>();
    private final List<Read> reads = new ArrayList<>();

    SimHistory(final Simulation simulation) {
        this.simulation = simulation;
    }

    /** {@return whether batches of this client may be there twice} */
    boolean isPlain(final SimProducer client) {
        return !client.idempotent;
    }

    void acked(final SimProducer client, final SimBatch batch, final long baseOffset) {
        final Ack before = acks.put(batch.id, new Ack(client, baseOffset));
        final String kind = client.acks == SimProducer.ALL ? "all" : "the leader";
        simulation.counters().count("acks of " + kind);
        simulation.counters().count("duplicates answered", before == null ? 0 : 1);
        simulation.check(before == null || before.baseOffset == baseOffset || isPlain(client)
            || simulation.truth(client.shardId).hasLost(), () -> "batch " + batch.id + " is answered with offset "
            + baseOffset + " and before with " + before.baseOffset);
    }

    void read(final SimConsumer consumer, final SimReader.Batch batch) {
        simulation.check(batch.nextOffset() > consumer.position() && batch.baseOffset() <= consumer.position(),
            () -> consumer + " skips or goes back: " + batch);
        reads.add(new Read(consumer, batch));
    }

    /** A consumer is told that its position lies beyond the log. */
    void outOfRange(final SimConsumer consumer, final long logEndOffset) {
        simulation.counters().count("consumers beyond the log");
        simulation.check(simulation.truth(consumer.shardId).hasLost(),
            () -> consumer + " is beyond the end of its leader's log: " + logEndOffset);
    }

    /** A producer is told that its oldest batch is not the next one. */
    void sequenceLost(final SimProducer producer, final SimBatch batch) {
        simulation.counters().count("producers that began anew");
        simulation.check(simulation.truth(producer.shardId).hasLost(),
            () -> producer + " is out of sequence with batch " + batch.id);
    }

    // --- in the end

    void checkEnd(final SimTruth[] truths, final List<SimProducer> producers) {
        final Map<Long, List<ShadowLog.Frame>> found = new HashMap<>();
        for (final SimTruth truth : truths) {
            checkOffsets(truth, found);
        }
        producers.forEach(producer -> checkOrder(producer, truths[producer.shardId]));
        acks.forEach((batchId, ack) -> checkAck(batchId, ack, found.getOrDefault(batchId, List.of())));
        for (final Read read : reads) {
            final SimTruth truth = truths[read.consumer.shardId];
            final ShadowLog.Frame frame = truth.log().batchAt(read.consumer.partitionId, read.batch.baseOffset());
            final boolean same = frame != null && frame.batchId() == read.batch.id();
            simulation.check(same || truth.hasLost(), () -> read.consumer + " has read " + read.batch
                + ", which is not there any more: " + frame);
            simulation.counters().count("batches read and lost", same ? 0 : 1);
        }
    }

    private void checkOffsets(final SimTruth truth, final Map<Long, List<ShadowLog.Frame>> found) {
        final Map<Integer, Long> nextOffsets = new HashMap<>();
        for (final ShadowLog.Frame frame : truth.log().frames()) {
            if (frame.batchId() >= 0) {
                found.computeIfAbsent(frame.batchId(), id -> new ArrayList<>(1)).add(frame);
                final long expected = nextOffsets.getOrDefault(frame.partitionId(), 0L);
                simulation.check(frame.baseOffset() == expected, () -> "offsets are not dense: " + frame
                    + " expected=" + expected);
                nextOffsets.put(frame.partitionId(), frame.nextOffset());
            }
        }
    }

    private void checkOrder(final SimProducer producer, final SimTruth truth) {
        long lastId = -1;
        for (final ShadowLog.Frame frame : truth.log().frames()) {
            if (frame.batchId() < 0 || frame.batchId() / SimBatch.CLIENT_STEP != producer.id) {
                continue;
            }
            simulation.check(frame.partitionId() == producer.partitionId, () -> "a batch of " + producer
                + " is in another partition: " + frame);
            if (producer.idempotent || !producer.retries) {
                final long previousId = lastId;
                // what was lost and sent again may stand anywhere
                simulation.check(frame.batchId() > previousId || truth.hasLost(), () -> producer + " finds "
                    + frame.batchId() + " behind " + previousId);
            } else {
                simulation.counters().count("duplicates of plain producers", frame.batchId() <= lastId ? 1 : 0);
            }
            lastId = frame.batchId();
        }
    }

    private void checkAck(final long batchId, final Ack ack, final List<ShadowLog.Frame> frames) {
        final boolean lost = simulation.truth(ack.client.shardId).wasLost(batchId);
        if (frames.isEmpty()) {
            simulation.check(ack.client.acks != SimProducer.ALL || lost, () -> "acked and lost: batch " + batchId
                + " of " + ack.client);
            simulation.counters().count(ack.client.acks == SimProducer.ALL ? "acked by all and lost, announced"
                : "acked by the leader only and lost");
            return;
        }
        simulation.check(frames.size() == 1 || isPlain(ack.client), () -> "batch " + batchId + " of " + ack.client
            + " is there " + frames.size() + " times");
        simulation.check(lost || frames.stream().anyMatch(frame -> frame.baseOffset() == ack.baseOffset)
            || isPlain(ack.client) && ack.client.acks != SimProducer.ALL,
            () -> "batch " + batchId + " was acked with offset " + ack.baseOffset + " and is there " + frames);
    }
}
