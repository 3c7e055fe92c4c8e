package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.broker.replication.ReplicationConfiguration;
import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A cluster of three brokers in one thread on virtual time: real shard logs on simulated disks, real replication over a
 * simulated network, the real metadata state machine behind simulated sessions, producers, consumers. First faults,
 * then a healed cluster that has to converge.
 */
final class Simulation {
    /** An invariant does not hold. */
    static final class Violation extends AssertionError {
        private static final long serialVersionUID = 1;

        Violation(final String message) {
            super(message);
        }
    }

    /** Begins the message of the violation that a cluster does not come to rest. */
    static final String NO_CONVERGENCE = "no convergence";

    private static final String TOPIC = "topic";
    private static final int[] ACKS = {SimProducer.ALL, 1, SimProducer.ALL, 0};
    private static final int MAX_FRAME_LENGTH = 24 << 10;
    private static final long SETUP_NS = 2_000_000_000L;
    private static final long CONVERGENCE_NS = 20_000_000_000L;
    private static final long SOUND_CHECK_INTERVAL_NS = 200_000_000L;
    private static final long CONVERGENCE_CHECK_INTERVAL_NS = 2_000_000L;

    private final SimOptions options;
    private final SplittableRandom random;
    private final SimScheduler scheduler;
    private final SimNetwork network;
    private final SimQuorum quorum;
    private final SimHistory history = new SimHistory(this);
    private final SimCounters counters = new SimCounters();
    private final ReplicationConfiguration configuration = SimNode.configuration(MAX_FRAME_LENGTH);
    private final SimNode[] nodes = new SimNode[SimOptions.BROKER_COUNT + 1];
    private final SimTruth[] truths;
    private final List<SimProducer> producers = new ArrayList<>();
    private final List<SimConsumer> consumers = new ArrayList<>();
    private final SimFaults faults;
    private Consumer<String> listener;
    private long nextSoundCheckNs;
    private long nextConvergenceCheckNs;

    Simulation(final SimOptions options) {
        this(options, FaultPlan.of(options));
    }

    Simulation(final SimOptions options, final List<Fault> plan) {
        this.options = options;
        random = new SplittableRandom(options.seed());
        scheduler = new SimScheduler(random.split());
        network = new SimNetwork(random.split());
        network.delay(20_000, options.maxDelayNs());
        network.maxChunkMessageLength(options.maxChunkMessageLength());
        network.windowLength(options.windowLength());
        truths = new SimTruth[options.shardCount()];
        for (int i = 0; i < truths.length; i++) {
            truths[i] = new SimTruth(this, i);
        }
        quorum = new SimQuorum(this, random.split(), nodes, this::onDecided);
        for (int id = 1; id < nodes.length; id++) {
            final SimClock clock = new SimClock(scheduler, random.split(), options.maxDriftPpm());
            final SimStore[] stores = new SimStore[truths.length];
            for (int i = 0; i < stores.length; i++) {
                stores[i] = new EngineStore(options, "shard-" + i + "@" + id, clock, random.split());
            }
            nodes[id] = new SimNode(this, random.split(), id, clock, stores);
        }
        faults = new SimFaults(this, nodes, random.split(), plan);
    }

    /** Lets somebody hear what happens, event by event. */
    Simulation listener(final Consumer<String> newListener) {
        listener = newListener;
        return this;
    }

    /** {@return the trace hash; throws a {@link Violation} when something does not hold} */
    long run() {
        try {
            setUp();
            faults.start();
            producers.forEach(SimProducer::run);
            consumers.forEach(SimConsumer::run);
            runUntil(options.durationNs());
            faults.heal();
            producers.forEach(SimProducer::finish);
            final long limitNs = scheduler.nowNs() + CONVERGENCE_NS;
            while (!hasConverged() && step(limitNs)) {
                continue;
            }
            nextSoundCheckNs = 0;
            nextConvergenceCheckNs = 0;
            check(hasConverged(), () -> NO_CONVERGENCE + " within " + CONVERGENCE_NS + " ns: " + state());
            checkEnd();
            return scheduler.traceHash();
        } catch (final Violation | RuntimeException ex) {
            ex.addSuppressed(new Violation("at " + scheduler.nowNs() + " ns of " + options + state()));
            throw ex;
        } finally {
            close();
        }
    }

    /** Brokers register, a topic is created, and whoever is to lead leads. */
    private void setUp() {
        quorum.start();
        for (int id = 1; id < nodes.length; id++) {
            nodes[id].start();
        }
        while (!allReady() && step(SETUP_NS)) {
            continue;
        }
        check(quorum.operate(new MetadataCommand.CreateTopic(new UUID(1, 2), TOPIC, options.partitionCount(),
            SimOptions.BROKER_COUNT, options.durable() ? DurabilityProfile.DURABLE : DurabilityProfile.REPLICATED,
            Map.of("min.insync.replicas", Integer.toString(SimOptions.MIN_ISR)), 1, false)).isOk(), "no topic");
        final TopicInfo topic = quorum.image().topic(TOPIC);
        final int producerCount = Math.max(3, 2 * options.partitionCount());
        for (int i = 0; i < producerCount; i++) {
            final int partition = i % options.partitionCount();
            final int acks = ACKS[i % ACKS.length];
            final boolean idempotent = acks == SimProducer.ALL && random.nextInt(4) > 0;
            producers.add(new SimProducer(this, random.split(), i + 1, topic.shardId(partition),
                topic.partitionId(partition), acks, idempotent, idempotent || acks != 0 && random.nextBoolean()));
        }
        for (int i = 0; i < options.partitionCount(); i++) {
            consumers.add(new SimConsumer(
                this, random.split(), i + 1, topic.shardId(i), topic.partitionId(i)));
        }
    }

    private boolean allReady() {
        for (int id = 1; id < nodes.length; id++) {
            if (!nodes[id].registration().isReady()) {
                return false;
            }
        }
        return true;
    }

    private void onDecided(final MetadataImage previous, final MetadataImage image) {
        for (final SimTruth truth : truths) {
            truth.onDecided(previous, image);
        }
    }

    private void runUntil(final long limitNs) {
        while (step(limitNs)) {
            continue;
        }
    }

    private boolean step(final long limitNs) {
        final boolean ran = scheduler.runNext(limitNs);
        network.nowNs(scheduler.nowNs());
        if (ran) {
            counters.event();
            for (int id = 1; id < nodes.length; id++) {
                for (int i = 0; i < truths.length; i++) {
                    nodes[id].replica(i).checkMarks();
                }
            }
        }
        return ran;
    }

    private void close() {
        counters.count("runs");
        counters.count("replication messages lost", network.counters().messagesLost);
        counters.count("messages refused by a link", network.counters().backPressured);
        counters.count("catch-up messages", network.counters().catchUpMessages);
    }

    // --- what the parts ask for

    SimOptions options() {
        return options;
    }

    SimScheduler scheduler() {
        return scheduler;
    }

    SimNetwork network() {
        return network;
    }

    SimQuorum quorum() {
        return quorum;
    }

    SimHistory history() {
        return history;
    }

    SimFaults faults() {
        return faults;
    }

    SimCounters counters() {
        return counters;
    }

    ReplicationConfiguration replicationConfiguration() {
        return configuration;
    }

    SimNode node(final int brokerId) {
        return nodes[brokerId];
    }

    SimReplica replica(final int brokerId, final int shardId) {
        return nodes[brokerId].replica(shardId);
    }

    SimTruth truth(final int shardId) {
        return truths[shardId];
    }

    int nextInt(final int bound) {
        return random.nextInt(bound);
    }

    /** Brings a client's request to a broker. */
    void ask(final SimClient client, final Runnable request) {
        final long atNs = client.nextRequestNs(random.nextLong(options.maxDelayNs()));
        scheduler.after(atNs - scheduler.nowNs(), request);
    }

    /** Brings an answer to a client. */
    void answer(final SimClient client, final Runnable answer) {
        final long atNs = client.nextResponseNs(random.nextLong(options.maxDelayNs()));
        scheduler.after(atNs - scheduler.nowNs(), answer);
    }

    // --- invariants

    void check(final boolean holds, final String message) {
        if (!holds) {
            fail(message);
        }
    }

    void check(final boolean holds, final Supplier<String> message) {
        if (!holds) {
            fail(message.get());
        }
    }

    /** Tells what happens, when somebody listens. */
    void tell(final Supplier<String> what) {
        if (listener != null) {
            listener.accept(String.format("%10.3f ms  %s", scheduler.nowNs() / 1e6, what.get()));
        }
    }

    void fail(final String message) {
        throw new Violation(message);
    }

    /** Not at every event: it is only asked whether to go on. */
    private boolean hasConverged() {
        if (scheduler.nowNs() < nextConvergenceCheckNs) {
            return false;
        }
        nextConvergenceCheckNs = scheduler.nowNs() + CONVERGENCE_CHECK_INTERVAL_NS;
        for (int i = 0; i < truths.length; i++) {
            final SimTruth truth = truths[i];
            if (truth.info() == null || !truth.info().hasLeader()
                || truth.info().isr().size() < SimOptions.BROKER_COUNT) {
                return false;
            }
            for (int id = 1; id < nodes.length; id++) {
                final ObservedLog log = nodes[id].replica(i).log();
                if (log == null || log.endPosition() != truth.log().end()
                    || log.marks().committedAcquire() != truth.log().end()) {
                    return false;
                }
            }
        }
        return producers.stream().allMatch(SimProducer::isDone) && (!options.bitRot() || isSound());
    }

    /** Dear, so it is asked now and then only. */
    private boolean isSound() {
        if (scheduler.nowNs() < nextSoundCheckNs) {
            return false;
        }
        nextSoundCheckNs = scheduler.nowNs() + SOUND_CHECK_INTERVAL_NS;
        for (int id = 1; id < nodes.length; id++) {
            for (int i = 0; i < truths.length; i++) {
                if (!nodes[id].store(i).isSound()) {
                    return false;
                }
            }
        }
        return true;
    }

    private void checkEnd() {
        for (int id = 1; id < nodes.length; id++) {
            nodes[id].finish();
            for (int i = 0; i < truths.length; i++) {
                final ShadowLog read = new ShadowLog();
                final SimReplica replica = nodes[id].replica(i);
                read.reset(replica.log().startPosition());
                read.catchUp(replica.log());
                final ShadowLog all = truths[i].log();
                check(read.end() == all.end() && read.difference(all, read.base(), all.end()) < 0,
                    () -> replica + " differs in the end");
            }
        }
        history.checkEnd(truths, producers);
        for (final SimTruth truth : truths) {
            counters.count("segments begun", truth.log().frames().stream().filter(frame -> frame.type() == 3).count());
        }
    }

    private String state() {
        final StringBuilder text = new StringBuilder();
        for (int i = 0; i < truths.length; i++) {
            text.append("\n ").append(truths[i]);
            for (int id = 1; id < nodes.length; id++) {
                final SimReplica replica = nodes[id].replica(i);
                text.append("\n   broker ").append(id).append(nodes[id].isUp() ? " up" : " down").append(" epoch ")
                    .append(replica.epoch()).append(" end ").append(replica.shadow().end()).append(" held ")
                    .append(replica.held()).append(nodes[id].leads(i) ? " leads" : "");
            }
        }
        producers.forEach(producer -> text.append(producer.isDone() ? "" : "\n waiting: " + producer));
        return text.toString();
    }
}
