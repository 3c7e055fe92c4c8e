package io.millrace.broker.sim;

import java.util.EnumSet;
import java.util.Set;

/** Brokers that are wrong on purpose: a simulation that lets one of these pass is worth nothing. */
enum Mutant {
    /** None: the code as it is. */
    NONE,
    /** A follower acks what its leader has, received or not. */
    ACK_BEFORE_APPEND,
    /** A follower that starts cuts its log at its own committed mark, as old brokers cut at the high watermark. */
    TRUNCATE_TO_COMMITTED,
    /** A leader counts the farthest ack a follower ever gave, in whatever session and epoch. */
    ACCEPT_OLD_SESSION_ACKS,
    /** A leader commits with itself alone in the ISR. */
    COMMIT_BELOW_MIN_ISR,
    /** A leader takes a smaller ISR for granted before the quorum has accepted it. */
    SHRINK_BEFORE_ACCEPTED,
    /** A follower of a durable shard acks as synced what it has only written. */
    DURABLE_ACK_BEFORE_SYNC,
    /** A recovery takes torn frames for whole: their checksums are not looked at. */
    SKIP_CHECKSUM_ON_RECOVERY,
    /** A new leader does not know what idempotent producers have sent to the one before. */
    FORGET_PRODUCERS_ON_FAILOVER,
    /** A sync that fails is tried again, and succeeds. */
    RETRY_SYNC_AFTER_ERROR,
    /** A broker that lost its page cache in a power cut registers as one that did not. */
    HIDE_POWER_CUT,
    /** A broker notes the machine's present boot before the quorum knows what the last one has cost. */
    NOTE_BOOT_AT_START,
    /** A leader goes on when its lease has ended. */
    IGNORE_LEASE,
    /** A lease counts from when word of the quorum was read, not from when it was sent. */
    LEASE_FROM_RECEIPT,
    /** A batch sent again is answered before the original is committed. */
    ACK_DUPLICATE_BEFORE_COMMITTED,
    /** A process that was started again takes what was decided before its registration for its own. */
    LEAD_BEFORE_REGISTERED;

    /** {@return faults without which it cannot do harm} */
    Set<FaultKind> favours() {
        return switch (this) {
            case ACCEPT_OLD_SESSION_ACKS -> EnumSet.of(FaultKind.POWER_CUT, FaultKind.MOVE_LEADER);
            case RETRY_SYNC_AFTER_ERROR -> EnumSet.of(FaultKind.SYNC_ERROR, FaultKind.POWER_CUT);
            case HIDE_POWER_CUT, NOTE_BOOT_AT_START -> EnumSet.of(FaultKind.POWER_CUT, FaultKind.POWER_CUT_ALL);
            case IGNORE_LEASE, LEASE_FROM_RECEIPT -> EnumSet.of(FaultKind.PAUSE, FaultKind.QUORUM_CUT);
            default -> EnumSet.noneOf(FaultKind.class);
        };
    }

    boolean needsDurable() {
        return this == DURABLE_ACK_BEFORE_SYNC || this == RETRY_SYNC_AFTER_ERROR;
    }
}
