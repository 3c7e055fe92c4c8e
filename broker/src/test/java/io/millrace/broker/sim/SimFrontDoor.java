package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.ShardInfo;
import io.millrace.engine.ErrorCodes;
import io.millrace.engine.ShardIngress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Where clients reach a broker: its network thread. What arrives during a pause waits in the sockets. */
final class SimFrontDoor {
    private record Produce(SimProducer client, SimBatch batch, long generation) {
    }

    private static final int REQUESTS_PER_CYCLE = 8;

    private final Simulation simulation;
    private final SimNode node;
    private final SimReader reader;
    private final ArrayDeque<Runnable> requests = new ArrayDeque<>();
    private final Map<Long, Produce> waiting = new HashMap<>();
    private final RandomGenerator random;
    private long lastReplyId;

    SimFrontDoor(final Simulation simulation, final SimNode node, final RandomGenerator random) {
        this.simulation = simulation;
        this.node = node;
        this.random = random;
        reader = new SimReader(simulation);
    }

    void stop() {
        requests.clear();
        waiting.clear();
    }

    int doWork() {
        int count = 0;
        for (int i = 0; i < REQUESTS_PER_CYCLE && !requests.isEmpty(); i++) {
            requests.poll().run();
            count++;
        }
        return count;
    }

    /** {@return who leads a shard as far as this broker knows, -1 when it does not know or does not answer} */
    int leaderOf(final int shardId) {
        final MetadataImage image = node.session().image();
        final ShardInfo shard = image.shard(shardId);
        return !node.isUp() || node.isPaused() || shard == null ? MetadataImage.NO_LEADER : image.leaderOf(shard);
    }

    // --- producing

    void produce(final SimProducer client, final SimBatch batch, final long generation) {
        if (node.isUp()) {
            requests.add(() -> claim(new Produce(client, batch, generation)));
        }
    }

    private void claim(final Produce request) {
        final SimProducer client = request.client;
        if (!node.leads(client.shardId)) {
            answer(request, ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
            return;
        }
        final SimReplica replica = node.replica(client.shardId);
        final Mutant mutant = simulation.options().mutant();
        if (mutant == Mutant.ACK_DUPLICATE_BEFORE_COMMITTED && client.acks == SimProducer.ALL
            && replica.shadow().frameOf(request.batch.id) != null) {
            final long offset = replica.shadow().frameOf(request.batch.id).baseOffset();
            checkAck(request, offset);
            answer(request, ErrorCodes.NONE, offset);
            return;
        }
        final SimBatch batch = mutant == Mutant.FORGET_PRODUCERS_ON_FAILOVER
            ? request.batch.ofOtherProducer(replica.epoch()) : request.batch;
        final ShardIngress ingress = replica.log().ingress();
        final long replyId = client.acks == 0 ? 0 : ++lastReplyId;
        final int index = ingress.tryClaim(client.partitionId, batch.length(), replyId, client.acks);
        if (index >= 0) {
            ingress.buffer().putBytes(index, batch.buffer, 0, batch.length());
            ingress.commit(index);
            if (replyId != 0) {
                waiting.put(replyId, request);
            }
        } else if (index == ShardIngress.FULL) {
            requests.addFirst(() -> claim(request)); // the connection is not read from until there is room
        } else {
            answer(request, ErrorCodes.NOT_LEADER_OR_FOLLOWER, -1);
        }
    }

    /** The engine's word about a batch. */
    void onOutcome(final int shardId, final long replyId, final short errorCode, final long baseOffset) {
        final Produce request = waiting.remove(replyId);
        simulation.check(request != null, () -> "an outcome nobody waits for: replyId=" + replyId);
        simulation.scheduler().trace(replyId << 8 | errorCode);
        if (errorCode == ErrorCodes.NONE) {
            simulation.check(request.client.shardId == shardId, "an outcome of another shard");
            checkAck(request, baseOffset);
        }
        answer(request, errorCode, baseOffset);
    }

    private void checkAck(final Produce request, final long baseOffset) {
        final SimReplica leader = node.replica(request.client.shardId);
        leader.catchUp();
        final SimTruth truth = simulation.truth(request.client.shardId);
        truth.checkMayAck(leader.epoch(), node.id);
        final ShadowLog.Frame kept = leader.shadow().frameOf(request.batch.id);
        // A batch sent twice may be answered when retention has given it back.
        final ShadowLog.Frame frame = kept != null ? kept : truth.log().frameOf(request.batch.id);
        simulation.check(frame != null, () -> "acked what is not in the log: batch " + request.batch.id);
        simulation.check(frame.baseOffset() == baseOffset || simulation.history().isPlain(request.client),
            () -> "acked with another offset: batch " + request.batch.id + " offset " + baseOffset + ": " + frame);
        simulation.check(leader.held() >= frame.end(), () -> "acked what is not held: " + frame + " held="
            + leader.held());
        if (request.client.acks == SimProducer.ALL) {
            simulation.check(truth.log().frameOf(request.batch.id) != null,
                () -> "acked as all what is not committed: " + frame);
        }
        simulation.history().acked(request.client, request.batch, baseOffset);
    }

    private void answer(final Produce request, final short errorCode, final long baseOffset) {
        if (simulation.faults().isReplyLost()) {
            simulation.counters().count("answers to clients lost");
            return;
        }
        simulation.answer(request.client, () ->
            request.client.onResponse(request.batch, request.generation, errorCode));
    }

    // --- fetching

    void fetch(final SimConsumer consumer, final long generation) {
        if (node.isUp()) {
            requests.add(() -> read(consumer, generation));
        }
    }

    private void read(final SimConsumer consumer, final long generation) {
        if (!node.leads(consumer.shardId)) {
            simulation.answer(consumer, () -> consumer.onNotLeader(generation));
            return;
        }
        final SimReader.Result result =
            reader.read(node.replica(consumer.shardId), consumer.shardId, consumer.partitionId, consumer.position());
        if (random.nextInt(50) > 0) {
            simulation.answer(consumer, () -> consumer.onBatches(generation, result));
        }
    }
}
