package io.millrace.broker.metadata;

/** Hears of each new image, in version order, on the thread of the quorum. Must not block. */
@FunctionalInterface
public interface MetadataListener {
    /**
     * The metadata changed. Versions grow; some may be skipped.
     *
     * @param image the new state; {@link MetadataChanges#between} names what changed
     * @param previous the state last delivered
     */
    void onImage(MetadataImage image, MetadataImage previous);
}
