package io.millrace.broker.api;

import io.millrace.transport.kafka.server.ReplySlot;

/** A cold request that waits for the metadata quorum; attached to its slot. Owned by the network thread. */
interface Deferred {
    /** Its time is up: answer with what is known. */
    void onExpired(ReplySlot slot);

    /** Nobody waits any longer: complete the slot. */
    default void onAbandoned(final ReplySlot slot) {
        onExpired(slot);
    }
}
