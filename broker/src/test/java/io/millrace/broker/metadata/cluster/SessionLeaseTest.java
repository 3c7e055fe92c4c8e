package io.millrace.broker.metadata.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionLeaseTest {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int STREAM = 7;
    /** Two seconds of session, a twentieth off for drift, one second for a leader that does not know it is deposed. */
    private static final long LENGTH_NS = 900 * MS;

    private final long startNs = Long.MAX_VALUE - 500 * MS;
    private final SessionLease lease = new SessionLease(configuration(3, 2_000), startNs);

    private static ClusterMetadataConfiguration configuration(final int memberCount, final long timeoutMs) {
        final List<ClusterMember> members = List.of(new ClusterMember(0, "127.0.0.1", 20_000),
            new ClusterMember(1, "127.0.0.1", 20_010), new ClusterMember(2, "127.0.0.1", 20_020));
        return ClusterMetadataConfiguration.withDefaults(
            0, members.subList(0, memberCount), new File("unused"), "unused").withSessionTimeoutNs(timeoutMs * MS);
    }

    @Test
    void shouldBeginWithAnAnswerAndCountFromWhenItsCommandWasSent() {
        assertTrue(lease.hasEnded(startNs));
        assertEquals(LENGTH_NS, lease.lengthNs());
        lease.onAnswered(startNs + 100 * MS);
        assertFalse(lease.hasEnded(startNs + 999 * MS));
        assertTrue(lease.hasEnded(startNs + 1_000 * MS));
        lease.onAnswered(startNs + 50 * MS);
        assertEquals(startNs + 100 * MS + LENGTH_NS, lease.endNs(), "an older answer takes nothing back");
    }

    @Test
    void shouldBeExtendedToWhenTheLastMessageWasSentThatTheLeaderHasRead() {
        lease.onAnswered(startNs);
        lease.onSent(STREAM, 64, startNs + 200 * MS);
        lease.onSent(STREAM, 128, startNs + 400 * MS);
        assertTrue(lease.onConsumed(STREAM, 127, startNs + 450 * MS));
        assertEquals(startNs + 200 * MS + LENGTH_NS, lease.endNs());
        assertTrue(lease.onConsumed(STREAM, 127, startNs + 550 * MS));
        assertEquals(startNs + 200 * MS + LENGTH_NS, lease.endNs());
        assertTrue(lease.onConsumed(STREAM, 512, startNs + 600 * MS));
        assertEquals(startNs + 400 * MS + LENGTH_NS, lease.endNs());
    }

    @Test
    void shouldNotBeExtendedByHeartbeatsThatLayInABufferWhileTheProcessWasStopped() {
        lease.onAnswered(startNs);
        lease.onSent(STREAM, 64, startNs + 200 * MS);
        final long resumedNs = startNs + 30_000 * MS;
        lease.onSent(STREAM, 128, resumedNs);
        lease.onConsumed(STREAM, 64, resumedNs);
        assertTrue(lease.hasEnded(resumedNs));
        lease.onConsumed(STREAM, 128, resumedNs + MS);
        assertTrue(lease.hasEnded(resumedNs + MS), "the session may have been closed before the leader read on");
        lease.onAnswered(resumedNs);
        assertFalse(lease.hasEnded(resumedNs + MS));
    }

    @Test
    void shouldNotBeExtendedWhileTheQuorumDoesNotReadAlthoughItTalks() {
        lease.onAnswered(startNs);
        for (int i = 1; i < 20; i++) {
            lease.onSent(STREAM, 64L * i, startNs + i * 100 * MS);
            lease.onConsumed(STREAM, 0, startNs + i * 100 * MS);
        }
        assertEquals(startNs + LENGTH_NS, lease.endNs());
    }

    @Test
    void shouldCountNothingOfAnotherStreamAndNothingFromBeforeALoss() {
        lease.onAnswered(startNs);
        lease.onSent(STREAM, 64, startNs + 100 * MS);
        assertFalse(lease.onConsumed(STREAM + 1, 64, startNs + 110 * MS));
        lease.onSent(STREAM + 1, 32, startNs + 200 * MS);
        assertFalse(lease.onConsumed(STREAM, 64, startNs + 210 * MS));
        assertEquals(startNs + LENGTH_NS, lease.endNs());
        lease.end(startNs + 300 * MS);
        assertTrue(lease.hasEnded(startNs + 300 * MS));
        lease.onConsumed(STREAM + 1, 32, startNs + 310 * MS);
        assertTrue(lease.hasEnded(startNs + 310 * MS));
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000, 1_500, 2_000, 3_000, 60_000})
    void shouldLeaveALeaseForEverySessionTimeoutThatMayBeSet(final long timeoutMs) {
        assertTrue(new SessionLease(configuration(3, timeoutMs), 0).lengthNs() >= timeoutMs * MS * 2 / 5);
        assertEquals(timeoutMs * MS * 19 / 20, new SessionLease(configuration(1, timeoutMs), 0).lengthNs());
    }

    @Test
    void shouldRefuseTimeoutsThatLeaveNoLease() {
        final ClusterMetadataConfiguration tight = configuration(3, 2_000);
        assertThrows(IllegalArgumentException.class, () -> new SessionLease(new ClusterMetadataConfiguration(
            0, tight.members(), tight.dataDir(), tight.aeronDir(), 1_000 * MS, 950 * MS, 100 * MS, 1, 1, 1), 0));
    }

    /**
     * A leader of the quorum that times the session out, reads late and is heard late, by clocks that run apart by
     * three percent; the broker stops now and then. As long as the lease runs, the session must be open.
     */
    @Test
    void shouldEndBeforeTheQuorumCanHaveClosedTheSession() {
        final long firstSeed = Long.getLong("millrace.test.seed", System.nanoTime());
        int closedCount = 0;
        long leasedCount = 0;
        for (long seed = firstSeed; seed < firstSeed + 300; seed++) {
            final Run run = new Run(new Random(seed));
            try {
                run.go();
            } catch (final RuntimeException | AssertionError ex) {
                throw new AssertionError("failed with -Dmillrace.test.seed=" + seed, ex);
            }
            closedCount += run.closedNs == Long.MAX_VALUE ? 0 : 1;
            leasedCount += run.leasedCount;
        }
        assertTrue(closedCount > 30 && leasedCount > 30_000, "closed=" + closedCount + " leased=" + leasedCount);
    }

    private static final class Run {
        private static final long TIMEOUT_MS = 2_000;

        private final Random random;
        private final SessionLease lease = new SessionLease(configuration(1, TIMEOUT_MS), 0);
        private final ArrayDeque<long[]> toLeader = new ArrayDeque<>();
        private final ArrayDeque<long[]> toBroker = new ArrayDeque<>();
        private final double drift;
        private long lastReadNs;
        private long consumed;
        private long closedNs = Long.MAX_VALUE;
        private long leasedCount;
        private long maxDelayMs;

        Run(final Random random) {
            this.random = random;
            drift = 1 + (random.nextDouble() - 0.5) * 0.06;
        }

        void go() {
            long position = 0;
            long stoppedUntilMs = 0;
            lease.onAnswered(0);
            for (long ms = 0; ms < 60_000; ms += 10) {
                final long nowNs = ms * MS;
                if (ms % 5_000 == 0) {
                    maxDelayMs = random.nextInt(4) == 0 ? 3_000 : 100;
                }
                leader(nowNs, ms);
                if (ms < stoppedUntilMs) {
                    continue;
                }
                stoppedUntilMs = random.nextInt(1_000) == 0 ? ms + random.nextInt(4_000) : 0;
                final long brokerNs = (long) (nowNs * drift);
                while (!toBroker.isEmpty() && toBroker.peek()[0] <= nowNs) {
                    final long[] message = toBroker.poll();
                    lease.onConsumed(STREAM, message[1], brokerNs);
                }
                if (ms % 200 == 0) {
                    position += 64;
                    lease.onSent(STREAM, position, brokerNs);
                    send(toLeader, nowNs, position);
                }
                if (!lease.hasEnded(brokerNs)) {
                    leasedCount++;
                    assertTrue(nowNs < closedNs, "the session was closed at " + closedNs / MS + " ms, now " + ms);
                }
            }
        }

        private void leader(final long nowNs, final long ms) {
            if (nowNs - lastReadNs > TIMEOUT_MS * MS) {
                closedNs = Math.min(closedNs, nowNs);
            }
            while (!toLeader.isEmpty() && toLeader.peek()[0] <= nowNs) {
                consumed = toLeader.poll()[1]; // also when the session is closed already: it reads on
                lastReadNs = nowNs;
            }
            if (ms % 100 == 0) {
                send(toBroker, nowNs, consumed);
            }
        }

        private void send(final ArrayDeque<long[]> queue, final long nowNs, final long position) {
            final long before = queue.isEmpty() ? 0 : queue.peekLast()[0];
            queue.add(new long[] {Math.max(before, nowNs + random.nextLong(maxDelayMs) * MS), position});
        }
    }
}
