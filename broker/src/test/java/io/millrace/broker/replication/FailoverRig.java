package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.shard.LeaderLease;
import io.millrace.broker.sim.SimNetwork;
import io.millrace.engine.DurabilityProfile;
import io.millrace.engine.PartitionReader;
import io.millrace.engine.ShardIngress;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import io.millrace.engine.ingress.RingPool;
import io.millrace.engine.log.LogSyncer;
import io.millrace.engine.log.SegmentMaintenance;
import io.millrace.engine.shard.SegmentedShardLog;
import io.millrace.engine.shard.ShardLogContext;
import io.millrace.engine.sim.SimDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.UnsafeBuffer;

/** Three brokers with one shard each in real logs, a network without faults, and a clock that is turned by hand. */
final class FailoverRig {
    static final int SHARD = 3;
    static final int PARTITION = 0;
    static final int[] REPLICAS = {1, 2, 3};
    static final int RING_CAPACITY = 64 << 10;
    private static final long STEP_NS = 200_000;
    private static final int RECORDS_LENGTH = 200;

    /** One broker. The log is gone while it is down, its disk stays. */
    final class Node {
        final int id;
        final SimDisk disk;
        final Map<Long, Answer> answers = new HashMap<>();
        final List<Integer> resignations = new ArrayList<>();
        final List<Integer> moves = new ArrayList<>();
        final RingPool rings = new RingPool(RING_CAPACITY, RING_CAPACITY);
        SegmentedShardLog log;
        LogSyncer syncer;
        SegmentMaintenance maintenance;
        ReplicationAgent agent;
        ShardGauges gauges;
        long leaseEndNs = LeaderLease.ENDLESS_NS;

        Node(final int id) {
            this.id = id;
            disk = new SimDisk(random.nextLong());
        }

        void start() {
            syncer = new LogSyncer(() -> nowNs);
            maintenance = new SegmentMaintenance(() -> nowNs);
            try {
                log = new ShardLogContext().storage(disk).shardName("node-" + id)
                    .profile(DurabilityProfile.REPLICATED).segmentLength(segmentLength).rings(rings)
                    .outcomes((replyId, error, base, start) -> answers.put(replyId, new Answer(error, base)))
                    .random(random).errorHandler(problem -> {
                        throw new AssertionError("the log complains", problem);
                    }).syncer(syncer).maintenance(maintenance).open();
            } catch (final IOException ex) {
                throw new UncheckedIOException(ex);
            }
            agent = new ReplicationAgent(id, network.start(id), new Proposals(),
                ReplicationConfiguration.defaults(1 << 16, 1_500), random.split())
                .lease(new LeaderLease(() -> leaseEndNs));
            gauges = agent.addShard(SHARD, log, DurabilityProfile.REPLICATED);
        }

        void kill() {
            network.stop(id);
            disk.killProcess();
            log = null;
            agent = null;
        }

        boolean isUp() {
            return agent != null;
        }

        void doWork() {
            agent.checkLease(nowNs);
            log.drain();
            agent.doWork(nowNs);
            syncer.doWork();
            maintenance.doWork();
        }

        private final class Proposals implements IsrProposals {
            @Override
            public boolean propose(
                final int shardId, final int leaderEpoch, final int[] isr, final long isrVersion) {
                return true;
            }

            @Override
            public void finishMove(final int shardId, final int leaderEpoch, final int toBrokerId) {
                moves.add(toBrokerId);
            }

            @Override
            public void resign(final int shardId, final int leaderEpoch, final long reason) {
                resignations.add(leaderEpoch);
            }
        }

        boolean isAnswered(final long replyId) {
            return answers.containsKey(replyId);
        }

        long committed() {
            return log.marks().committedAcquire();
        }

        /** {@return whether the batch found room in the ring of a leader} */
        boolean produce(final long replyId, final int acks, final int sequence) {
            final UnsafeBuffer batch = batch(sequence);
            final int claim = log.ingress().tryClaim(PARTITION, batch.capacity(), replyId, acks);
            if (claim == ShardIngress.NOT_LEADING || claim == ShardIngress.FULL) {
                return false;
            }
            log.ingress().buffer().putBytes(claim, batch, 0, batch.capacity());
            log.ingress().commit(claim);
            return true;
        }
    }

    record Answer(short errorCode, long baseOffset) {
    }

    final SplittableRandom random;
    final SimNetwork network;
    final Node[] nodes = new Node[4];
    final int segmentLength;
    long nowNs = 1_000_000_000L;
    int epoch = 4;
    private long version;

    FailoverRig(final long seed, final int segmentLength) {
        random = new SplittableRandom(seed);
        this.segmentLength = segmentLength;
        network = new SimNetwork(random.split());
        network.nowNs(nowNs);
        for (final int id : REPLICAS) {
            nodes[id] = new Node(id);
            nodes[id].start();
        }
    }

    /** Makes a broker the leader in the next epoch, as all that are up hear. */
    void elect(final int leaderId, final int minIsr, final int... isr) {
        epoch++;
        version++;
        assign(leaderId, minIsr, isr);
    }

    void assign(final int leaderId, final int minIsr, final int... isr) {
        for (final int id : REPLICAS) {
            if (nodes[id].isUp()) {
                nodes[id].agent.applyAssignment(
                    new ShardAssignment(SHARD, leaderId, epoch, REPLICAS, isr, version, minIsr), nowNs);
            }
        }
    }

    /** Asks the leader to hand over. */
    void moveTo(final int leaderId, final int toId, final int minIsr, final int... isr) {
        for (final int id : REPLICAS) {
            if (nodes[id].isUp()) {
                nodes[id].agent.applyAssignment(
                    new ShardAssignment(SHARD, leaderId, epoch, REPLICAS, isr, version, minIsr, toId), nowNs);
            }
        }
    }

    void changeIsr(final int leaderId, final int minIsr, final int... isr) {
        version++;
        assign(leaderId, minIsr, isr);
    }

    void step() {
        nowNs += STEP_NS;
        network.nowNs(nowNs);
        for (final int id : REPLICAS) {
            if (nodes[id].isUp()) {
                nodes[id].doWork();
            }
        }
    }

    void runMs(final long durationMs) {
        final long endNs = nowNs + durationMs * 1_000_000;
        while (nowNs < endNs) {
            step();
        }
    }

    void await(final String what, final BooleanSupplier condition) {
        for (int i = 0; i < 100_000 && !condition.getAsBoolean(); i++) {
            step();
        }
        assertTrue(condition.getAsBoolean(), what);
    }

    /** One record of a producer with id 77; its timestamp is its sequence. */
    private static UnsafeBuffer batch(final int sequence) {
        final int length = BatchDescriptor.HEADER_LENGTH + RECORDS_LENGTH;
        final UnsafeBuffer batch = new UnsafeBuffer(new byte[length]);
        batch.putInt(BatchDescriptor.BATCH_LENGTH_FIELD_OFFSET, length - BatchDescriptor.LENGTH_OVERHEAD,
            ByteOrder.BIG_ENDIAN);
        batch.putByte(BatchDescriptor.MAGIC_FIELD_OFFSET, BatchDescriptor.MAGIC_V2);
        batch.putLong(BatchDescriptor.BASE_TIMESTAMP_FIELD_OFFSET, sequence, ByteOrder.BIG_ENDIAN);
        batch.putLong(BatchDescriptor.MAX_TIMESTAMP_FIELD_OFFSET, sequence, ByteOrder.BIG_ENDIAN);
        batch.putLong(BatchDescriptor.PRODUCER_ID_FIELD_OFFSET, 77, ByteOrder.BIG_ENDIAN);
        batch.putInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET, sequence, ByteOrder.BIG_ENDIAN);
        batch.putInt(BatchDescriptor.RECORDS_COUNT_FIELD_OFFSET, 1, ByteOrder.BIG_ENDIAN);
        BatchDescriptor.putCrc(batch, 0, new Checksums().batchCrc(batch, 0, length));
        return batch;
    }

    /** {@return the sequences in the committed part of a log, by offset} */
    List<Integer> readSequences(final int nodeId) {
        final List<Integer> sequences = new ArrayList<>();
        final PartitionReader reader = nodes[nodeId].log.newPartitionReader();
        long offset = 0;
        while (offset < reader.highWatermark(PARTITION)) {
            final int before = sequences.size();
            reader.read(PARTITION, offset, 1 << 20, (file, fileOffset, length, base, next) -> {
                final ByteBuffer header = ByteBuffer.allocate(BatchDescriptor.HEADER_LENGTH);
                try {
                    file.read(header, fileOffset);
                } catch (final IOException ex) {
                    throw new UncheckedIOException(ex);
                }
                assertEquals(sequences.size(), base, "offsets are dense");
                sequences.add(header.getInt(BatchDescriptor.BASE_SEQUENCE_FIELD_OFFSET));
                return true;
            });
            reader.release();
            assertTrue(sequences.size() > before, "nothing at offset " + offset + " of node " + nodeId);
            offset = sequences.size();
        }
        return sequences;
    }

    byte[] content(final int nodeId) {
        final SegmentedShardLog log = nodes[nodeId].log;
        final byte[] bytes = new byte[(int) (log.endPosition() - log.startPosition())];
        int at = 0;
        while (at < bytes.length) {
            final ByteBuffer target = ByteBuffer.wrap(bytes, at, bytes.length - at);
            final int length = log.read(log.startPosition() + at, target);
            assertTrue(length > 0, "cannot read at " + at);
            at += length;
        }
        return bytes;
    }

    boolean areAllTheSame() {
        return Arrays.equals(content(1), content(2)) && Arrays.equals(content(1), content(3));
    }
}
