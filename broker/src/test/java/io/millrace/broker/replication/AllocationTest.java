package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.engine.DurabilityProfile;
import io.millrace.transport.replication.ReplicaLink;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.MessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;
import org.junit.jupiter.api.Test;

/** The duty cycle of a leader and its follower allocates nothing once it has seen everything. */
class AllocationTest {
    private static final int SHARD = 3;
    private static final int CYCLES = 20_000;
    private static final long STEP_NS = 50_000;

    private final RingLink leaderLink = new RingLink(1, 2);
    private final RingLink followerLink = new RingLink(2, 1);
    private final FlatShardLog leaderLog = new FlatShardLog();
    private final FlatShardLog followerLog = new FlatShardLog();
    private long nowNs = 1;

    @Test
    void shouldNotAllocateWhenReplicating() {
        leaderLink.peer = followerLink;
        followerLink.peer = leaderLink;
        final ReplicationConfiguration configuration = ReplicationConfiguration.defaults(1 << 20, 1_500);
        final ReplicationAgent leader = new ReplicationAgent(
            1, leaderLink, (shardId, epoch, isr, version) -> false, configuration, new SplittableRandom(1));
        final ReplicationAgent follower = new ReplicationAgent(
            2, followerLink, (shardId, epoch, isr, version) -> false, configuration, new SplittableRandom(2));
        leader.addShard(SHARD, leaderLog, DurabilityProfile.REPLICATED);
        follower.addShard(SHARD, followerLog, DurabilityProfile.REPLICATED);
        final int[] both = {1, 2};
        final ShardAssignment assignment = new ShardAssignment(SHARD, 1, 1, both, both, 1, 2);
        leader.applyAssignment(assignment, nowNs);
        follower.applyAssignment(assignment, nowNs);

        final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        run(leader, follower);
        threads.getCurrentThreadAllocatedBytes();
        final long before = threads.getCurrentThreadAllocatedBytes();
        run(leader, follower);
        final long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertEquals(leaderLog.endPosition(), leaderLog.marks().committedAcquire());
        assertEquals(leaderLog.endPosition(), followerLog.endPosition());
        assertTrue(leaderLink.sentCount > CYCLES, "chunks were sent");
        assertTrue(allocated < CYCLES / 10, () -> "bytes allocated in " + CYCLES + " duty cycles: " + allocated);
    }

    private void run(final ReplicationAgent leader, final ReplicationAgent follower) {
        for (int i = 0; i < CYCLES; i++) {
            nowNs += STEP_NS;
            if (i < CYCLES - 10) {
                leaderLog.produce(200 + i % 700);
            }
            leader.doWork(nowNs);
            follower.doWork(nowNs);
        }
    }

    /** A link between two brokers over rings in direct memory. */
    private static final class RingLink implements ReplicaLink, MessageHandler {
        private final int brokerId;
        private final int peerId;
        private final OneToOneRingBuffer[] inbound = new OneToOneRingBuffer[STREAM_COUNT];
        private RingLink peer;
        private ReplicaLink.MessageHandler target;
        private int pollStream;
        private long sentCount;

        RingLink(final int brokerId, final int peerId) {
            this.brokerId = brokerId;
            this.peerId = peerId;
            for (int i = 0; i < STREAM_COUNT; i++) {
                inbound[i] = new OneToOneRingBuffer(
                    new UnsafeBuffer(ByteBuffer.allocateDirect((1 << 18) + RingBufferDescriptor.TRAILER_LENGTH)));
            }
        }

        @Override
        public long offer(
            final int toBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
            return peer.inbound[stream].write(1, buffer, index, length) ? 1 : BACK_PRESSURED;
        }

        @Override
        public long claim(final int toBrokerId, final int stream, final int length, final MessageFiller filler) {
            final OneToOneRingBuffer ring = peer.inbound[stream];
            final int index = ring.tryClaim(1, length);
            if (index < 0) {
                return BACK_PRESSURED;
            }
            if (filler.fill(ring.buffer(), index, length)) {
                ring.commit(index);
                sentCount++;
            } else {
                ring.abort(index);
            }
            return 1;
        }

        @Override
        public int maxMessageLength(final int stream) {
            return stream == CONTROL_STREAM ? 1376 : 1 << 12;
        }

        @Override
        public boolean isConnected(final int toBrokerId, final int stream) {
            return true;
        }

        @Override
        public int poll(final ReplicaLink.MessageHandler newTarget, final int messageLimit) {
            target = newTarget;
            int count = 0;
            for (pollStream = STREAM_COUNT - 1; pollStream >= 0; pollStream--) {
                count += inbound[pollStream].read(this, messageLimit);
            }
            return count;
        }

        @Override
        public void onMessage(
            final int type, final MutableDirectBuffer buffer, final int index, final int length) {
            target.onMessage(peerId, pollStream, buffer, index, length);
        }

        @Override
        public int doWork(final long nowNs) {
            return 0;
        }

        @Override
        public void close() {
            target = null;
        }

        @Override
        public String toString() {
            return "RingLink{" + brokerId + '}';
        }
    }
}
