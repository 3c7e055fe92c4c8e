package io.millrace.broker.api;

import io.millrace.broker.shard.AppliedMetadata;
import java.util.HashMap;
import java.util.Map;

/**
 * How far this node and the others are with the metadata, as the network thread tells and looks at it. Owned by the
 * network thread.
 */
final class AppliedVersions {
    private final TopicDirectory topics;
    private final int nodeId;
    private final Runnable engineWakeUp;
    private AppliedMetadata applied = new AppliedMetadata();
    /** By peer, when it had been heard of last. */
    private final Map<Integer, Long> givenUp = new HashMap<>();
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

    /**
     * {@return whether every other live broker answers with this version or a newer one, leaving out those that were
     * waited for in vain and have not been heard of since}
     *
     * @param version of the metadata
     */
    boolean othersHave(final long version) {
        for (int i = 0; i < applied.peerCount(); i++) {
            if (isBehind(i, version) && !isGivenUp(i)) {
                return false;
            }
        }
        return true;
    }

    private boolean isBehind(final int peer, final long version) {
        final int peerId = applied.peerId(peer);
        return topics.image().isLive(peerId) && applied.of(peerId) < version;
    }

    private boolean isGivenUp(final int peer) {
        return givenUp.containsKey(peer) && givenUp.get(peer) == applied.heardNs(applied.peerId(peer));
    }

    /**
     * They were waited for long enough: whoever is behind is waited for again when it says something. One that has
     * died is live for as long as its session lasts, and would cost every request its patience until then.
     *
     * @param version that some do not answer with yet
     */
    void giveUp(final long version) {
        for (int i = 0; i < applied.peerCount(); i++) {
            if (isBehind(i, version)) {
                givenUp.put(i, applied.heardNs(applied.peerId(i)));
            }
        }
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
