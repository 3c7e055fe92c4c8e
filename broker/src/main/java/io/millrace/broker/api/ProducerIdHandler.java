package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ProducerIdCodec;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;

/**
 * InitProducerId without a transactional id: hands out ids from a block that the quorum gave to this node, so no id is
 * ever given twice in a cluster. Owned by the network thread.
 */
final class ProducerIdHandler {
    private static final int BLOCK_COUNT = 1000;
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final QuorumCaller quorum;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long nextId;
    private int leftCount;
    private boolean asked;

    ProducerIdHandler(final QuorumCaller quorum) {
        this.quorum = quorum;
    }

    void handle(final InitProducerId.Request request, final ReplySlot slot, final long nowNs) {
        if (request.transactionalId() != null) {
            answer(slot, slot.apiVersion(), KafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, -1);
        } else if (leftCount > 0) {
            give(slot, slot.apiVersion());
        } else {
            final Waiting entry = new Waiting(slot);
            slot.attach(entry);
            slot.expireAt(nowNs + TIMEOUT_NS);
            waiting.add(entry);
            ask();
        }
    }

    private void ask() {
        if (!asked) {
            asked = true;
            quorum.call(new MetadataCommand.AllocateProducerIds(BLOCK_COUNT), this::onBlock);
        }
    }

    private void onBlock(final MetadataResult result) {
        asked = false;
        if (result.isOk()) {
            nextId = result.value();
            leftCount = BLOCK_COUNT;
        }
        for (Waiting entry = waiting.poll(); entry != null; entry = waiting.poll()) {
            if (entry.completed) {
                continue;
            }
            if (!result.isOk()) {
                entry.onExpired(entry.slot);
            } else if (leftCount > 0) {
                entry.completed = true;
                give(entry.slot, entry.version);
            } else {
                waiting.addFirst(entry);
                ask();
                return;
            }
        }
    }

    private void give(final ReplySlot slot, final int version) {
        leftCount--;
        answer(slot, version, ErrorCodes.NONE, nextId++);
    }

    private static void answer(
        final ReplySlot slot, final int version, final short errorCode, final long producerId) {
        slot.complete(ProducerIdCodec.encode(version, new InitProducerId.Response(
            errorCode, producerId, (short)(producerId < 0 ? -1 : 0)), slot));
    }

    /** One request that waits for a block. */
    private static final class Waiting implements Deferred {
        private final ReplySlot slot;
        private final int version;
        private boolean completed;

        Waiting(final ReplySlot slot) {
            this.slot = slot;
            this.version = slot.apiVersion();
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            completed = true;
            // retriable for every client: the coordinator is still loading
            answer(slot, version, KafkaErrors.COORDINATOR_LOAD_IN_PROGRESS, -1);
        }
    }
}
