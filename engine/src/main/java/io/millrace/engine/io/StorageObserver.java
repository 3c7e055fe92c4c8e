package io.millrace.engine.io;

/** Hears how long calls to the disk took. Called on the thread that made the call, after each that did not fail. */
public interface StorageObserver {
    /**
     * A write call returned.
     *
     * @param length  bytes it took
     * @param startNs when it began
     * @param endNs   when it returned
     */
    void onWrite(int length, long startNs, long endNs);

    /**
     * A sync of a file or of the directory returned.
     *
     * @param startNs when it began
     * @param endNs   when it returned
     */
    void onSync(long startNs, long endNs);
}
