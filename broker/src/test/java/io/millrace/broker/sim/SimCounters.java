package io.millrace.broker.sim;

/** What happened in the runs of a campaign; a campaign whose faults did not happen proves nothing. */
final class SimCounters {
    long runs;
    long events;
    long kills;
    long powerLosses;
    long powerLossesWithLoss;
    long pauses;
    long partitions;
    long sessionKills;
    long messagesLost;
    long backPressured;
    long catchUpMessages;
    long isrChanges;
    long proposalsLost;
    long proposalsRefused;
    long epochs;
    long truncations;
    long resets;
    long handshakes;
    long droppedChunks;
    long ignoredAcks;
    long clientRetries;
    long duplicatesAnswered;
    long ackedAll;
    long ackedLeader;
    long refused;
    long timedOut;
    long committedBytes;
    long segments;
    long retained;
    long rots;
    long quarantined;
    long repaired;
    long failedFetches;
    long wrongRepairBytes;
    long batchesRead;
    long batchesClientRefused;
    long readsRefused;

    void add(final SimCounters other) {
        runs += other.runs;
        events += other.events;
        kills += other.kills;
        powerLosses += other.powerLosses;
        powerLossesWithLoss += other.powerLossesWithLoss;
        pauses += other.pauses;
        partitions += other.partitions;
        sessionKills += other.sessionKills;
        messagesLost += other.messagesLost;
        backPressured += other.backPressured;
        catchUpMessages += other.catchUpMessages;
        isrChanges += other.isrChanges;
        proposalsLost += other.proposalsLost;
        proposalsRefused += other.proposalsRefused;
        epochs += other.epochs;
        truncations += other.truncations;
        resets += other.resets;
        handshakes += other.handshakes;
        droppedChunks += other.droppedChunks;
        ignoredAcks += other.ignoredAcks;
        clientRetries += other.clientRetries;
        duplicatesAnswered += other.duplicatesAnswered;
        ackedAll += other.ackedAll;
        ackedLeader += other.ackedLeader;
        refused += other.refused;
        timedOut += other.timedOut;
        committedBytes += other.committedBytes;
        segments += other.segments;
        retained += other.retained;
        rots += other.rots;
        quarantined += other.quarantined;
        repaired += other.repaired;
        failedFetches += other.failedFetches;
        wrongRepairBytes += other.wrongRepairBytes;
        batchesRead += other.batchesRead;
        batchesClientRefused += other.batchesClientRefused;
        readsRefused += other.readsRefused;
    }

    @Override
    public String toString() {
        return "runs=" + runs + " events=" + events + " kills=" + kills + " powerLosses=" + powerLosses
            + " (with loss " + powerLossesWithLoss + ") pauses=" + pauses + " partitions=" + partitions
            + " sessionKills=" + sessionKills + " messagesLost=" + messagesLost + " backPressured=" + backPressured
            + " catchUpMessages=" + catchUpMessages + " isrChanges=" + isrChanges + " proposalsLost=" + proposalsLost
            + " proposalsRefused=" + proposalsRefused + " epochs=" + epochs + " truncations=" + truncations
            + " resets=" + resets + " handshakes=" + handshakes + " droppedChunks=" + droppedChunks
            + " ignoredAcks=" + ignoredAcks + " clientRetries=" + clientRetries
            + " duplicatesAnswered=" + duplicatesAnswered + " ackedAll=" + ackedAll + " ackedLeader=" + ackedLeader
            + " refused=" + refused + " timedOut=" + timedOut + " committedBytes=" + committedBytes
            + " segments=" + segments + " retained=" + retained + " rots=" + rots + " quarantined=" + quarantined
            + " repaired=" + repaired + " failedFetches=" + failedFetches + " wrongRepairBytes=" + wrongRepairBytes
            + " batchesRead=" + batchesRead + " (refused by the client " + batchesClientRefused + ", by the broker "
            + readsRefused + ")";
    }
}
