package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ClusterControlCodec;
import io.millrace.transport.kafka.message.ClusterControl;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/** Answers what an operator's command asks. Owned by the network thread. */
final class ClusterControlHandler {
    private final int nodeId;
    private final Supplier<MetadataImage> images;
    private final Supplier<QuorumStatus> quorumStatus;
    private final Supplier<List<ShardGauges>> gauges;
    private final NanoClock clock;

    ClusterControlHandler(final int nodeId, final Supplier<MetadataImage> images,
        final Supplier<QuorumStatus> quorumStatus, final Supplier<List<ShardGauges>> gauges, final NanoClock clock) {
        this.nodeId = nodeId;
        this.images = images;
        this.quorumStatus = quorumStatus;
        this.gauges = gauges;
        this.clock = clock;
    }

    void handle(final ClusterControl.Request request, final ReplySlot slot) {
        if (request.kind() == ClusterControl.STATUS) {
            answer(slot, ErrorCodes.NONE, ClusterStatusView.toJson(
                nodeId, images.get(), quorumStatus.get(), gauges.get(), clock.nanoTime()));
        } else {
            answer(slot, KafkaErrors.INVALID_REQUEST, "elections by command are not known to this build");
        }
    }

    private static void answer(final ReplySlot slot, final short errorCode, final String text) {
        slot.complete(ClusterControlCodec.encode(new ClusterControl.Response(errorCode, text), slot));
    }
}
