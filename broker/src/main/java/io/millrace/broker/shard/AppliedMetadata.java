package io.millrace.broker.shard;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Up to which version of the metadata this node and its peers answer their clients: topics of that version are known
 * there, and what the node is to lead by then it does lead. This node's own is written by the network thread, those of
 * peers by the engine thread, which exchanges them; read by any thread.
 */
public final class AppliedMetadata {
    /** Of a peer that has not said anything yet. */
    public static final long UNKNOWN = -1;

    private final int[] peerIds;
    private final AtomicLongArray peers;
    private final AtomicLongArray heardNs;
    private volatile long own = UNKNOWN;
    private volatile int newsCount;

    /**
     * Nothing is known yet.
     *
     * @param peerIds node ids of all other brokers that there may be
     */
    public AppliedMetadata(final int... peerIds) {
        this.peerIds = peerIds.clone();
        Arrays.sort(this.peerIds);
        peers = new AtomicLongArray(peerIds.length);
        heardNs = new AtomicLongArray(peerIds.length);
        for (int i = 0; i < peerIds.length; i++) {
            peers.setRelease(i, UNKNOWN);
        }
    }

    /** {@return how many peers there may be} */
    public int peerCount() {
        return peerIds.length;
    }

    /**
     * {@return a peer's node id}
     *
     * @param peer 0 to {@link #peerCount()} - 1
     */
    public int peerId(final int peer) {
        return peerIds[peer];
    }

    /** {@return this node's version} */
    public long own() {
        return own;
    }

    /**
     * Notes this node's version; network thread. The engine thread is to be woken then.
     *
     * @param version answered with from now on
     */
    public void own(final long version) {
        own = version;
    }

    /**
     * {@return the version that a broker said last, {@link #UNKNOWN} when there is none}
     *
     * @param brokerId a peer
     */
    public long of(final int brokerId) {
        final int peer = Arrays.binarySearch(peerIds, brokerId);
        return peer < 0 ? UNKNOWN : peers.getAcquire(peer);
    }

    /**
     * {@return when a broker said its version last, by this process's monotonic clock}
     *
     * @param brokerId a peer that has said something
     */
    public long heardNs(final int brokerId) {
        return heardNs.getAcquire(Arrays.binarySearch(peerIds, brokerId));
    }

    /**
     * Notes what a peer says; engine thread.
     *
     * @param brokerId the peer; others are ignored
     * @param version  its own
     * @param nowNs    monotonic time
     * @return whether that is news, so that the network thread is to be woken
     */
    public boolean onPeer(final int brokerId, final long version, final long nowNs) {
        final int peer = Arrays.binarySearch(peerIds, brokerId);
        if (peer < 0) {
            return false;
        }
        heardNs.setRelease(peer, nowNs);
        if (peers.getPlain(peer) == version) {
            return false;
        }
        peers.setRelease(peer, version); // may be lower: it was started again
        newsCount++;
        return true;
    }

    /** {@return changes whenever a peer has said something new} */
    public int newsCount() {
        return newsCount;
    }
}
