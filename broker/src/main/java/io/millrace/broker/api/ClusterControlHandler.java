package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.QuorumStatus;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.broker.replication.ShardGauges;
import io.millrace.broker.shard.LocalShards;
import io.millrace.engine.ErrorCodes;
import io.millrace.transport.kafka.codec.ClusterControlCodec;
import io.millrace.transport.kafka.message.ClusterControl;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.agrona.concurrent.NanoClock;

/**
 * Answers what an operator's command asks: tells what this broker knows, passes an election on to the quorum. Owned by
 * the network thread.
 */
final class ClusterControlHandler {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);

    private final int nodeId;
    private final LocalShards localShards;
    private final Supplier<MetadataImage> images;
    private final Supplier<QuorumStatus> quorumStatus;
    private final Supplier<List<ShardGauges>> gauges;
    private final List<Election> moving = new ArrayList<>();
    private final QuorumCaller quorum;
    private final NanoClock clock;
    private final Consumer<String> warnings;

    ClusterControlHandler(final int nodeId, final LocalShards localShards, final Supplier<MetadataImage> images,
        final Supplier<QuorumStatus> quorumStatus, final Supplier<List<ShardGauges>> gauges,
        final QuorumCaller quorum, final NanoClock clock, final Consumer<String> warnings) {
        this.nodeId = nodeId;
        this.localShards = localShards;
        this.images = images;
        this.quorumStatus = quorumStatus;
        this.gauges = gauges;
        this.quorum = quorum;
        this.clock = clock;
        this.warnings = warnings;
    }

    void handle(final ClusterControl.Request request, final ReplySlot slot) {
        final long nowNs = clock.nanoTime();
        if (request.kind() == ClusterControl.STATUS) {
            answer(slot, ErrorCodes.NONE, ClusterStatusView.toJson(
                nodeId, images.get(), quorumStatus.get(), gauges.get(), localShards, nowNs));
            return;
        }
        final Election election = new Election(slot);
        slot.attach(election);
        slot.expireAt(nowNs + TIMEOUT_NS);
        quorum.call(new MetadataCommand.ElectLeader(request.shardId(), request.brokerId(), request.unclean()
            ? MetadataCommand.ElectionKind.UNCLEAN : MetadataCommand.ElectionKind.PREFERRED),
            (result) -> onElected(request, election, result));
    }

    private void onElected(
        final ClusterControl.Request request, final Election election, final MetadataResult result) {
        final ShardInfo shard = images.get().shard(request.shardId());
        if (result.isOk() && !request.unclean() && shard != null && !election.completed) {
            election.request = request;
            election.epoch = result.value();
            moving.add(election); // the present leader hands over first
            doWork();
            return;
        }
        final String outcome = !result.isOk() ? "refused: " + result.message()
            : shard == null ? "done, epoch " + result.value()
            : "broker " + shard.leader() + " leads in epoch " + shard.leaderEpoch();
        warnings.accept("an operator asked for " + (request.unclean() ? "an unclean" : "a preferred")
            + " election: shard=" + request.shardId() + (request.brokerId() < 0 ? "" : " broker=" + request.brokerId())
            + "; " + outcome);
        if (!election.completed) {
            election.completed = true;
            answer(election.slot, result.errorCode(), result.isOk() ? outcome : result.message());
        }
    }

    /** Looks whether leaders have handed over, or given up; whenever there is a newer image. */
    int doWork() {
        int work = 0;
        for (int i = moving.size() - 1; i >= 0; i--) {
            final Election election = moving.get(i);
            final ShardInfo shard = images.get().shard(election.request.shardId());
            if (election.completed || shard == null) {
                moving.remove(i);
            } else if (shard.leaderEpoch() >= election.epoch) {
                finish(i, ErrorCodes.NONE, "broker " + shard.leader() + " leads in epoch " + shard.leaderEpoch());
                work++;
            } else if (shard.movingTo() != MetadataImage.NO_LEADER) {
                election.isSeen = true;
            } else if (election.isSeen) {
                finish(i, MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE, "broker " + shard.leader()
                    + " goes on leading: the other one did not get everything in time; try again");
                work++;
            }
        }
        return work;
    }

    private void finish(final int i, final short errorCode, final String text) {
        final Election election = moving.remove(i);
        election.completed = true;
        warnings.accept("an operator asked for a preferred election: shard=" + election.request.shardId()
            + (election.request.brokerId() < 0 ? "" : " broker=" + election.request.brokerId()) + "; " + text);
        answer(election.slot, errorCode, text);
    }

    private static void answer(final ReplySlot slot, final short errorCode, final String text) {
        slot.complete(ClusterControlCodec.encode(
            new ClusterControl.Response(errorCode, text == null ? "error " + errorCode : text), slot));
    }

    /** A request that waits for the quorum. */
    private static final class Election implements Deferred {
        private final ReplySlot slot;
        private boolean completed;
        private ClusterControl.Request request;
        private long epoch;
        private boolean isSeen;

        Election(final ReplySlot slot) {
            this.slot = slot;
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            completed = true;
            answer(expired, MetadataErrors.REQUEST_TIMED_OUT,
                "the metadata quorum did not answer in time; 'millrace cluster status' shows whether it was elected");
        }
    }
}
