package io.millrace.broker.api;

import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;

/**
 * Requests about the cluster that came before this node has heard of it: clients take an answer without brokers for the
 * truth, so there is none before it knows some. Owned by the network thread.
 *
 * <p>A node listens before it reaches the metadata quorum, so that whoever knows its port waits rather than be refused.
 * They wait for a bounded time; then their connections are closed, and clients try another node. What they hold
 * meanwhile counts as memory for replies.
 */
final class HeldRequests {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int MIN_PURGED_COUNT = 1024;

    private final ColdRoutes routes;
    private final List<Held> held = new ArrayList<>();
    private int purgedCount = MIN_PURGED_COUNT;

    HeldRequests(final ColdRoutes routes) {
        this.routes = routes;
    }

    /** Keeps a request; within its offer. */
    void hold(final ReplySlot slot, final long nowNs) {
        if (held.size() >= purgedCount) {
            held.removeIf((request) -> request.isGone);
            purgedCount = Math.max(MIN_PURGED_COUNT, 2 * held.size());
        }
        final Held request = new Held(slot);
        slot.retainRequest();
        slot.attach(request);
        slot.expireAt(nowNs + PATIENCE_NS);
        held.add(request);
    }

    /** The cluster is known. {@return how many are answered now} */
    int release() {
        final int count = held.size();
        for (int i = 0; i < count; i++) {
            final Held request = held.get(i);
            if (!request.isGone) {
                request.answer(routes);
            }
        }
        held.clear();
        return count;
    }

    /** One of them. */
    private static final class Held implements Deferred {
        private final ReplySlot slot;
        private boolean isGone;

        Held(final ReplySlot slot) {
            this.slot = slot;
        }

        void answer(final ColdRoutes routes) {
            slot.cancelExpiry();
            slot.attach(null);
            try {
                final DirectBuffer request = slot.requestBuffer();
                routes.handle(request, 0, slot.requestLength(), slot);
            } catch (final MalformedRequestException ex) {
                slot.fail(ex.getMessage());
            } catch (final RuntimeException | StackOverflowError failure) {
                slot.crash(failure); // others wait
            }
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            isGone = true;
            expired.fail("this node has not heard of its cluster within " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NS)
                + " s; a majority of its controllers must run: ask another node, or try again");
        }

        @Override
        public void onAbandoned(final ReplySlot abandoned) {
            isGone = true;
            abandoned.completeWithoutReply();
        }
    }
}
