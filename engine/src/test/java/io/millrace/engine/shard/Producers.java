package io.millrace.engine.shard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Idempotent clients that send each batch again, in order, until it is acknowledged. Used by one thread. */
final class Producers {
    private static final int PRODUCER_COUNT = 4;
    private static final int IN_FLIGHT_COUNT = 5;

    /** One client's view of one partition. */
    private static final class Session {
        private final List<ShardRig.Wanted> unfinished = new ArrayList<>();
        private int nextSequence;
        private boolean isKnown;
    }

    private final Random random;
    private final Map<Long, Session> sessions = new HashMap<>();
    private boolean isAllAsked;
    private int generation;
    private int lastTag;

    Producers(final Random random) {
        this.random = random;
    }

    /** From now on every batch is sent with acks=all. */
    void askAllReplicas() {
        isAllAsked = true;
    }

    /** Clients whose acknowledged batches a power cut took cannot go on with their sequences: others take over. */
    void replaceAll() {
        sessions.clear();
        generation++;
    }

    void offerSomething(final ShardRig rig) {
        final int partitionId = random.nextInt(ShardRig.PARTITION_COUNT);
        final long producerId = generation * 100L + random.nextInt(PRODUCER_COUNT);
        final Session session =
            sessions.computeIfAbsent(producerId << 8 | partitionId, ignored -> new Session());
        settle(session);
        // the log accepts any sequence of a producer it does not know, so the first batch goes alone
        final int limit = session.isKnown ? IN_FLIGHT_COUNT : 1;
        if (session.unfinished.isEmpty() || session.unfinished.size() < limit && random.nextBoolean()) {
            final ShardRig.Wanted wanted =
                new ShardRig.Wanted(++lastTag, partitionId, producerId, session.nextSequence, random);
            session.nextSequence += wanted.count;
            session.unfinished.add(wanted);
        }
        offer(rig, session);
    }

    /** Sends what is unfinished once more; true when there is none. */
    boolean finish(final ShardRig rig) {
        boolean isFinished = true;
        for (final Session session : sessions.values()) {
            settle(session);
            isFinished &= session.unfinished.isEmpty();
            offer(rig, session);
        }
        return isFinished;
    }

    private void offer(final ShardRig rig, final Session session) {
        final int acks = !isAllAsked && random.nextInt(3) == 0 ? 1 : -1;
        for (final ShardRig.Wanted wanted : session.unfinished) {
            if (!rig.offer(wanted, acks)) {
                rig.log.drain();
                return;
            }
        }
    }

    private static void settle(final Session session) {
        while (!session.unfinished.isEmpty() && session.unfinished.get(0).offset >= 0) {
            session.unfinished.remove(0);
            session.isKnown = true;
        }
    }
}
