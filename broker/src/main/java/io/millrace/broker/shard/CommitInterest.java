package io.millrace.broker.shard;

import java.lang.invoke.VarHandle;

/**
 * Whether the network thread waits for commits, so that the engine thread wakes it only then. Written by the network
 * thread, read by the engine thread.
 *
 * <p>Either the engine thread sees the interest, or the network thread, which looks at the marks once more before it
 * parks, sees the marks: both store first and load then, with a full fence between.
 */
public final class CommitInterest {
    private volatile boolean wanted;

    /**
     * Says whether commits are waited for; network thread. A look at the marks must follow before it parks.
     *
     * @param isWanted true while something waits
     */
    public void set(final boolean isWanted) {
        if (wanted != isWanted) {
            wanted = isWanted; // volatile: the look at the marks that follows cannot pass it
        }
    }

    /** {@return whether commits are waited for; engine thread, after it has published a mark} */
    public boolean isWanted() {
        VarHandle.fullFence(); // the mark was published with release only
        return wanted;
    }
}
