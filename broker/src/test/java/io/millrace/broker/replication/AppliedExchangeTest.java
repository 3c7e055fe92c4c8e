package io.millrace.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.shard.AppliedMetadata;
import io.millrace.transport.replication.ReplicaLink;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.Test;

/** Two brokers' exchange over a link that may take nothing. */
class AppliedExchangeTest {
    private static final long INTERVAL_NS = 100_000_000L;

    private final AppliedMetadata mine = new AppliedMetadata(2, 3);
    private final AppliedMetadata theirs = new AppliedMetadata(1, 3);
    private final List<Integer> toldTo = new ArrayList<>();
    private final Link link = new Link();
    private final AppliedExchange exchange = new AppliedExchange(link, mine, () -> { }, INTERVAL_NS);
    private final AppliedExchange peer = new AppliedExchange(link, theirs, () -> this.newsCount++, INTERVAL_NS);
    private int newsCount;
    private long nowNs = Long.MAX_VALUE - 10; // times wrap

    @Test
    void shouldSayNothingBeforeThereIsSomethingToSay() {
        assertEquals(0, exchange.doWork(nowNs));
    }

    @Test
    void shouldTellEveryPeerAtOnceWhenTheVersionMovesAndNowAndThenBesides() {
        mine.own(5);
        exchange.doWork(nowNs);
        assertEquals(List.of(2, 3), toldTo);
        assertEquals(5, theirs.of(1));
        assertEquals(1, newsCount);
        exchange.doWork(++nowNs);
        assertEquals(2, toldTo.size());
        mine.own(6);
        exchange.doWork(++nowNs);
        assertEquals(6, theirs.of(1));
        nowNs += INTERVAL_NS;
        exchange.doWork(nowNs);
        assertEquals(List.of(2, 3, 2, 3, 2, 3), toldTo);
        assertEquals(2, newsCount);
    }

    @Test
    void shouldTryAgainSoonWhenTheLinkTookNothing() {
        link.isOpen = false;
        mine.own(5);
        exchange.doWork(nowNs);
        assertEquals(AppliedMetadata.UNKNOWN, theirs.of(1));
        link.isOpen = true;
        exchange.doWork(nowNs + 1);
        assertEquals(AppliedMetadata.UNKNOWN, theirs.of(1));
        exchange.doWork(nowNs + 2_000_000);
        assertEquals(5, theirs.of(1));
    }

    /** Brings what is sent to broker 2 to it at once. */
    private final class Link implements ReplicaLink {
        private boolean isOpen = true;

        @Override
        public long offer(
            final int toBrokerId, final int stream, final DirectBuffer buffer, final int index, final int length) {
            if (!isOpen) {
                return NOT_CONNECTED;
            }
            assertEquals(CONTROL_STREAM, stream);
            assertEquals(AppliedMessage.LENGTH, length);
            toldTo.add(toBrokerId);
            if (toBrokerId == 2) {
                peer.onMessage(1, buffer, index, nowNs);
            }
            return 1;
        }

        @Override
        public long claim(final int toBrokerId, final int stream, final int length, final MessageFiller filler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int maxMessageLength(final int stream) {
            return 1000;
        }

        @Override
        public boolean isConnected(final int toBrokerId, final int stream) {
            return isOpen;
        }

        @Override
        public int poll(final MessageHandler handler, final int messageLimit) {
            return 0;
        }

        @Override
        public int doWork(final long atNs) {
            return 0;
        }

        @Override
        public void close() {
            isOpen = false;
        }
    }
}
