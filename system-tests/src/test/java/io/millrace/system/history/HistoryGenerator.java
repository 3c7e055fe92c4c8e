package io.millrace.system.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes histories as a cluster without faults in its code would leave them: leaders change, acks=1 loses ends, sends
 * have unknown outcomes, retries without idempotence are there twice, consumers jump. Everything follows from the seed.
 */
final class HistoryGenerator {
    private static final int PARTITIONS_PER_GUARANTEE = 2;
    private static final int LANES_PER_PARTITION = 2;
    private static final int CONSUMER_COUNT = 2;
    private static final int DRAIN_PROCESS = 99;
    private static final int STEP_COUNT = 600;
    private static final int NODE_COUNT = 3;
    private static final long LARGEST_STEP_NS = 40_000_000;

    private record Stored(int lane, long sequence, int crc, int epoch) {
    }

    private static final class Partition {
        private final List<Stored> log = new ArrayList<>();
        private Guarantee guarantee;
        private int epoch;
        private int highWatermark;
    }

    private final SplittableRandom random;
    private final List<HistoryEvent> events = new ArrayList<>();
    private final List<Partition> partitions = new ArrayList<>();
    private final List<Integer> laneToPartition = new ArrayList<>();
    private final List<Long> nextSequence = new ArrayList<>();
    private final int[][] cursors;
    /** Ended for the cluster, not yet known to the client; in order. */
    private final ArrayDeque<HistoryEvent.Send> pending = new ArrayDeque<>();
    private long nowNs = 1_000_000_000L;

    HistoryGenerator(final long seed) {
        random = new SplittableRandom(seed);
        for (final Guarantee guarantee : Guarantee.values()) {
            for (int i = 0; i < PARTITIONS_PER_GUARANTEE; i++) {
                final Partition partition = new Partition();
                partition.guarantee = guarantee;
                partitions.add(partition);
                for (int j = 0; j < LANES_PER_PARTITION; j++) {
                    events.add(new HistoryEvent.Lane(laneToPartition.size(), j, partitions.size() - 1, guarantee));
                    laneToPartition.add(partitions.size() - 1);
                    nextSequence.add(0L);
                }
            }
        }
        cursors = new int[CONSUMER_COUNT][partitions.size()];
    }

    List<HistoryEvent> generate() {
        for (int i = 0; i < partitions.size(); i++) {
            elect(i);
        }
        for (int i = 0; i < STEP_COUNT; i++) {
            nowNs += random.nextLong(1, LARGEST_STEP_NS);
            final int dice = random.nextInt(100);
            final int partition = random.nextInt(partitions.size());
            if (dice < 60) {
                send(random.nextInt(laneToPartition.size()));
            } else if (dice < 80) {
                poll(random.nextInt(CONSUMER_COUNT), partition);
            } else if (dice < 90) {
                marks(partition);
            } else if (dice < 93) {
                elect(partition);
            } else {
                know(random.nextInt(pending.size() + 1));
            }
        }
        know(pending.size());
        drain();
        return events;
    }

    private void send(final int lane) {
        final Partition partition = partitions.get(laneToPartition.get(lane));
        final long sequence = nextSequence.get(lane);
        nextSequence.set(lane, sequence + 1);
        final int crc = random.nextInt();
        final int dice = random.nextInt(100);
        Outcome outcome = Outcome.OK;
        boolean isAppended = true;
        if (dice < 4) {
            outcome = Outcome.FAIL;
            isAppended = false;
        } else if (dice < 10) {
            outcome = Outcome.INFO;
            isAppended = random.nextBoolean();
        }
        final Stored stored = new Stored(lane, sequence, crc, partition.epoch);
        if (isAppended) {
            if (partition.guarantee != Guarantee.IDEMPOTENT && random.nextInt(20) == 0) {
                partition.log.add(stored);
            }
            partition.log.add(stored);
            if (partition.guarantee.isCommitted() || random.nextInt(3) == 0) {
                partition.highWatermark = partition.log.size();
            }
        }
        pending.add(new HistoryEvent.Send(lane, sequence, nowNs, nowNs, outcome,
            outcome == Outcome.OK ? partition.log.size() - 1 : HistoryEvent.NO_OFFSET, crc));
    }

    private void know(final int count) {
        for (int i = 0; i < count; i++) {
            final HistoryEvent.Send send = pending.poll();
            events.add(new HistoryEvent.Send(send.lane(), send.sequence(), send.startNs(), nowNs, send.outcome(),
                send.offset(), send.crc()));
        }
    }

    private void poll(final int process, final int partition) {
        if (random.nextInt(10) == 0) {
            cursors[process][partition] = random.nextInt(partitions.get(partition).highWatermark + 1);
            events.add(new HistoryEvent.Seek(process, partition));
        }
        final int count = random.nextInt(1, 12);
        for (int i = 0; i < count && cursors[process][partition] < partitions.get(partition).highWatermark; i++) {
            read(process, partition, cursors[process][partition]++, false);
        }
    }

    private void read(final int process, final int partition, final int offset, final boolean isDrain) {
        final Stored stored = partitions.get(partition).log.get(offset);
        events.add(new HistoryEvent.Poll(process, partition, nowNs, nowNs, offset, stored.epoch, stored.lane,
            stored.sequence, partition, stored.crc, isDrain));
    }

    private void marks(final int partition) {
        events.add(new HistoryEvent.Marks(partition, nowNs, nowNs, 0, partitions.get(partition).highWatermark));
    }

    private void elect(final int id) {
        final Partition partition = partitions.get(id);
        partition.epoch++;
        while (partition.log.size() > partition.highWatermark && random.nextInt(4) > 0) {
            partition.log.remove(partition.log.size() - 1);
        }
        partition.highWatermark = partition.log.size();
        events.add(new HistoryEvent.Leader(id, partition.epoch, random.nextInt(NODE_COUNT)));
    }

    private void drain() {
        for (int i = 0; i < partitions.size(); i++) {
            elect(i); // what was not replicated then may be lost to the end
            nowNs += LARGEST_STEP_NS;
            marks(i);
            for (int j = 0; j < partitions.get(i).log.size(); j++) {
                read(DRAIN_PROCESS, i, j, true);
            }
            events.add(new HistoryEvent.Drained(i, partitions.get(i).log.size()));
        }
    }
}
