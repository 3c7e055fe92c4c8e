package io.millrace.targets.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.TargetRefusedException;
import io.millrace.load.workload.WorkloadBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A protocol that does as it is told stands in for a server. */
class PeerSessionTest {
    private static final long NS_PER_S = 1_000_000_000L;

    private final List<String> heard = new ArrayList<>();
    private final List<Integer> published = new ArrayList<>();
    private final List<Integer> toAck = new ArrayList<>();
    private boolean isLost;
    private boolean canConnect = true;
    private boolean canForget;
    private long nowNs = 5 * NS_PER_S;

    @Test
    void shouldAcknowledgeEachRecordOnceWhenAnswersComeInAnyOrder() {
        final DriverSession session = open(3);
        offer(session, 3);
        assertFalse(session.producer(0).offer(nowNs, nowNs), "the window is full");
        toAck.addAll(List.of(published.get(1), published.get(2), published.get(0)));
        session.poll(nowNs);
        assertEquals(List.of("acked 1/0", "acked 2/0", "acked 0/0"), heard);
        assertEquals(0, session.inFlightCount());
        toAck.add(published.get(0));
        session.poll(nowNs);
        assertEquals(3, heard.size(), "an answer twice");
        assertTrue(session.producer(0).offer(nowNs, nowNs));
    }

    @Test
    void shouldFailWhatIsInFlightAndConnectAgainWhenTheConnectionIsLost() {
        final DriverSession session = open(4);
        offer(session, 2);
        isLost = true;
        canConnect = false;
        session.poll(nowNs);
        assertEquals(List.of("event connection lost", "failed 0/0 DISCONNECTED", "failed 1/0 DISCONNECTED"), heard);
        assertFalse(session.producer(0).offer(nowNs, nowNs));
        nowNs += NS_PER_S;
        session.poll(nowNs);
        assertFalse(session.producer(0).offer(nowNs, nowNs), "nobody is there");
        isLost = false;
        canConnect = true;
        nowNs += NS_PER_S;
        session.poll(nowNs);
        offer(session, 4);
        assertEquals(4, session.inFlightCount());
    }

    @Test
    void shouldNotTakeALateAnswerForAnotherRecordsWhenOneWasGivenUp() {
        final DriverSession session = open(1);
        offer(session, 1);
        nowNs += 60 * NS_PER_S;
        session.poll(nowNs);
        assertEquals(List.of("failed 0/0 DELIVERY_TIMEOUT"), heard);
        assertEquals(0, session.inFlightCount());
        assertFalse(session.producer(0).offer(nowNs, nowNs), "its answer may still come");
        toAck.add(published.get(0));
        session.poll(nowNs);
        assertEquals(1, heard.size());
        offer(session, 1);
    }

    @Test
    void shouldUseTheSlotAgainAtOnceWhenTheProtocolTellsLateAnswersApart() {
        canForget = true;
        final DriverSession session = open(1);
        offer(session, 1);
        nowNs += 60 * NS_PER_S;
        session.poll(nowNs);
        offer(session, 1);
        assertEquals(1, session.inFlightCount());
    }

    @Test
    void shouldRefuseWhatNoSystemHasWhenAWorkloadAsksForIt() {
        for (final String setting : List.of("acks=none", "compression=lz4")) {
            assertThrows(TargetRefusedException.class, () -> new PeerDriver("test",
                new WorkloadBuilder().set(setting).build(), "t", 1, () -> nowNs, new Client()), setting);
        }
    }

    private DriverSession open(final int window) {
        return new PeerDriver("test", new WorkloadBuilder().set("in-flight", String.valueOf(window)).build(), "t", 1,
            () -> nowNs, new Client()).open(new int[] {0}, new Listener());
    }

    private void offer(final DriverSession session, final int count) {
        for (int i = 0; i < count; i++) {
            assertTrue(session.producer(0).offer(nowNs, nowNs));
        }
    }

    private final class Client implements PeerClient {
        @Override
        public String description() {
            return "test";
        }

        @Override
        public PublishProtocol publisher(final List<String> topics, final int partitions) {
            if (!canConnect) {
                throw new Wire.WireException("nobody is there", null);
            }
            return new Protocol();
        }

        @Override
        public ConsumerSession consumer(
            final List<String> topics, final int partitions, final int[] lanes, final long[] startOffsets) {
            throw new UnsupportedOperationException();
        }
    }

    private final class Protocol implements PublishProtocol {
        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void publish(final int lane, final int slot, final ByteBuffer record, final int length) {
            published.add(slot);
        }

        @Override
        public int poll(final Answers answers) {
            if (isLost) {
                throw new Wire.WireException("cut", null);
            }
            final int count = toAck.size();
            toAck.forEach(answers::onAcked);
            toAck.clear();
            return count;
        }

        @Override
        public boolean forget(final int slot) {
            return canForget;
        }

        @Override
        public void await(final long maxNs) {
            nowNs += maxNs;
        }

        @Override
        public void close() {
        }
    }

    private final class Listener implements DeliveryListener {
        @Override
        public void onSent(
            final int producerId, final int partition, final int sequence, final long dueNs, final long sentNs) {
        }

        @Override
        public void onAcked(
            final int producerId,
            final int partition,
            final int sequence,
            final long dueNs,
            final long sentNs,
            final long ackedNs) {
            heard.add("acked " + partition + "/" + sequence);
        }

        @Override
        public void onFailed(
            final int producerId,
            final int partition,
            final int sequence,
            final long dueNs,
            final long failedNs,
            final String error) {
            heard.add("failed " + partition + "/" + sequence + " " + error);
        }

        @Override
        public void onEvent(final String name, final String detail) {
            heard.add("event " + name);
        }
    }
}
