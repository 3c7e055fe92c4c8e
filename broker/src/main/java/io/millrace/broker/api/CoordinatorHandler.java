package io.millrace.broker.api;

import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * FindCoordinator: the live broker with the lowest id coordinates every group. Committed offsets live in the metadata
 * quorum, so any broker could; one answer for all keeps a group's clients on one broker. Owned by the network thread.
 */
final class CoordinatorHandler {
    private final Supplier<MetadataImage> images;

    CoordinatorHandler(final Supplier<MetadataImage> images) {
        this.images = images;
    }

    void handle(final FindCoordinator.Request request, final ReplySlot slot) {
        slot.complete(GroupCodec.encode(slot.apiVersion(), answer(request), slot));
    }

    private FindCoordinator.Response answer(final FindCoordinator.Request request) {
        if (request.keyType() != FindCoordinator.GROUP) {
            // not COORDINATOR_NOT_AVAILABLE: clients would ask again until their own time is up and never say why
            return refuse(KafkaErrors.INVALID_REQUEST, request.keyType() == FindCoordinator.TRANSACTION
                ? "transactions are not supported: use a producer without transactional.id"
                : "key type is not supported: " + request.keyType() + ", only 0 (group)");
        }
        final Optional<BrokerInfo> coordinator = images.get().brokers().stream()
            .filter((broker) -> !broker.fenced())
            .min(Comparator.comparingInt(BrokerInfo::id));
        return coordinator
            .map((broker) -> new FindCoordinator.Response(
                ErrorCodes.NONE, null, broker.id(), broker.host(), broker.port()))
            .orElseGet(() -> refuse(KafkaErrors.COORDINATOR_NOT_AVAILABLE, "no broker is live, try again"));
    }

    private static FindCoordinator.Response refuse(final short errorCode, final String message) {
        return new FindCoordinator.Response(errorCode, message, -1, "", -1);
    }
}
