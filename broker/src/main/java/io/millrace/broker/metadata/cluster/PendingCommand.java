package io.millrace.broker.metadata.cluster;

import io.millrace.broker.metadata.CommandIntake;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataResult;

/** A command that waits for its answer. Owned by the metadata thread. */
final class PendingCommand {
    private final CommandIntake.Submission submission;
    private final byte[] bytes;
    private final boolean registration;
    private long deadlineNs;
    private long nextSendNs;
    private int sendCount;
    private long firstSentNs;

    PendingCommand(
        final CommandIntake.Submission submission, final byte[] bytes, final boolean registration,
        final long nextSendNs, final long deadlineNs) {
        this.submission = submission;
        this.bytes = bytes;
        this.registration = registration;
        this.nextSendNs = nextSendNs;
        this.deadlineNs = deadlineNs;
    }

    CommandIntake.Submission submission() {
        return submission;
    }

    byte[] bytes() {
        return bytes;
    }

    boolean isRegistration() {
        return registration;
    }

    long deadlineNs() {
        return deadlineNs;
    }

    boolean isSendDue(final long nowNs) {
        return nowNs - nextSendNs >= 0 && (sendCount == 0 || submission.command().isRepeatable());
    }

    /** The session or the leader is another one: what was sent may be lost. */
    void sendAgain(final long nowNs) {
        nextSendNs = nowNs;
        if (sendCount > 0 && !submission.command().isRepeatable()) {
            deadlineNs = nowNs;
        }
    }

    void onSent(final long nowNs, final long nextNs) {
        firstSentNs = sendCount == 0 ? nowNs : firstSentNs;
        sendCount++;
        nextSendNs = nextNs;
    }

    /** {@return when it was sent for the first time: what it was answered may be that one} */
    long firstSentNs() {
        return firstSentNs;
    }

    /** A topic that is gone when its deletion is sent again was deleted the first time. */
    MetadataResult judge(final MetadataResult result) {
        final short error = result.errorCode();
        if (sendCount > 1 && submission.command() instanceof MetadataCommand.DeleteTopic
            && (error == MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION || error == MetadataErrors.UNKNOWN_TOPIC_ID)) {
            return new MetadataResult(MetadataErrors.NONE, null, 0, result.version());
        }
        return result;
    }
}
