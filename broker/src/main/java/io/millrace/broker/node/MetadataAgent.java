package io.millrace.broker.node;

import io.millrace.broker.metadata.MetadataImage;
import java.util.UUID;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;

/**
 * The metadata thread of a node: drives the quorum's session and publishes images. Owned by the metadata thread; the
 * two images are for any thread.
 *
 * <p>The engine gets only images that know of this very process, fenced or not: an assignment from before would make a
 * restarted leader lead under the epoch it had before.
 */
final class MetadataAgent implements Agent {
    /** Told of the cluster's id once it is known. */
    @FunctionalInterface
    interface ClusterIdListener {
        void onClusterId(UUID clusterId) throws Exception;
    }

    private final int nodeId;
    private final UUID incarnationId;
    private final NanoClock clock;
    private final ClusterIdListener clusterIdListener;
    private final Runnable wakeUpOthers;
    private QuorumHost quorum;
    private PreferredLeaders preferredLeaders;
    private boolean clusterIdTold;
    private volatile MetadataImage newest = MetadataImage.EMPTY;
    private volatile MetadataImage newestRegistered = MetadataImage.EMPTY;

    MetadataAgent(final int nodeId, final UUID incarnationId, final NanoClock clock,
        final ClusterIdListener clusterIdListener, final Runnable wakeUpOthers) {
        this.nodeId = nodeId;
        this.incarnationId = incarnationId;
        this.clock = clock;
        this.clusterIdListener = clusterIdListener;
        this.wakeUpOthers = wakeUpOthers;
    }

    /** Sets what it drives; before the thread starts. */
    void quorum(final QuorumHost quorumHost) {
        quorum = quorumHost;
    }

    /** Sets what asks for preferred leaders, null for nothing; before the thread starts. */
    void preferredLeaders(final PreferredLeaders newPreferredLeaders) {
        preferredLeaders = newPreferredLeaders;
    }

    /** {@return the newest image; any thread} */
    MetadataImage newest() {
        return newest;
    }

    /** {@return the newest image that knows this process; any thread} */
    MetadataImage newestRegistered() {
        return newestRegistered;
    }

    void onImage(final MetadataImage image, final MetadataImage previous) {
        if (!clusterIdTold && image.clusterId() != null) {
            clusterIdTold = true;
            try {
                clusterIdListener.onClusterId(image.clusterId());
            } catch (final Exception ex) {
                throw new IllegalStateException(ex.getMessage(), ex);
            }
        }
        newest = image;
        if (image.broker(nodeId) != null && image.broker(nodeId).incarnationId().equals(incarnationId)) {
            newestRegistered = image;
        }
        wakeUpOthers.run();
    }

    @Override
    public String roleName() {
        return "metadata";
    }

    @Override
    public int doWork() {
        if (quorum.isTerminated()) {
            throw new RestartNeededException("this node's part of the metadata quorum has ended, probably after a long "
                + "pause of this process; start it again");
        }
        final long nowNs = clock.nanoTime();
        return quorum.doWork(nowNs) + (preferredLeaders == null ? 0 : preferredLeaders.doWork(nowNs));
    }
}
