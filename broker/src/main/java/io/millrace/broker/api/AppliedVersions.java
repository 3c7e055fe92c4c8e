package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.shard.AppliedMetadata;

/**
 * How far this node and the others are with the metadata, as the network thread tells and looks at it. Owned by the
 * network thread.
 */
final class AppliedVersions {
    private final TopicDirectory topics;
    private final int nodeId;
    private final Runnable engineWakeUp;
    private AppliedMetadata applied = new AppliedMetadata();
    private int seenNewsCount;

    AppliedVersions(final TopicDirectory topics, final int nodeId, final Runnable engineWakeUp) {
        this.topics = topics;
        this.nodeId = nodeId;
        this.engineWakeUp = engineWakeUp;
    }

    /** Sets what is shared with the engine thread; before the network thread starts. */
    void share(final AppliedMetadata shared) {
        applied = shared;
    }

    /** There is a newer image, or this node began to lead something. */
    void onProgress() {
        final long version = topics.image().version();
        if (applied.own() != version && topics.leadsAllItShould()) {
            applied.own(version);
            engineWakeUp.run();
        }
    }

    /** {@return whether another broker has told something new since the last call} */
    boolean takeNews() {
        final int newsCount = applied.newsCount();
        final boolean isNew = newsCount != seenNewsCount;
        seenNewsCount = newsCount;
        return isNew;
    }

    /** {@return whether every other live broker answers with this version or a newer one} */
    boolean othersHave(final long version) {
        final MetadataImage image = topics.image();
        for (int i = 0; i < applied.peerCount(); i++) {
            final int peerId = applied.peerId(i);
            if (image.isLive(peerId) && applied.of(peerId) < version) {
                return false;
            }
        }
        return true;
    }

    /** {@return the version that a broker answers with, {@link AppliedMetadata#UNKNOWN} when it is not known} */
    long of(final int brokerId) {
        return brokerId == nodeId ? topics.image().version() : applied.of(brokerId);
    }

    /** {@return when that was heard, in this process's monotonic time; only where it is known} */
    long heardNs(final int brokerId, final long nowNs) {
        return brokerId == nodeId ? nowNs : applied.heardNs(brokerId);
    }
}
