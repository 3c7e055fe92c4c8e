package io.millrace.broker.metadata;

import java.util.List;

/**
 * Decides commands. Deterministic: no clock, no random, no map without an order; two machines given the same commands
 * at the same times hold the same state. Owned by one thread.
 */
final class MetadataStateMachine {
    private static final int MAX_PRODUCER_ID_COUNT = 1_000_000;

    private final Decision decision = new Decision();
    private final ElectionRules elections = new ElectionRules(decision);
    private final BrokerRules brokers = new BrokerRules(decision, elections);
    private final TopicCommands topics = new TopicCommands(decision);
    private final BrokerConfigRules brokerConfigs = new BrokerConfigRules(decision);

    /**
     * What a command led to.
     *
     * @param result for whoever asked
     * @param delta  null when nothing changed
     */
    record Outcome(MetadataResult result, MetadataDelta delta) {
    }

    MetadataState state() {
        return decision.state();
    }

    /** Decides a command that came in a session, at a time of the quorum's own. */
    Outcome apply(final MetadataCommand command, final long sessionId, final long nowMs) {
        decision.begin(nowMs);
        final MetadataResult result = decide(command, sessionId);
        final MetadataDelta delta = decision.seal();
        return new Outcome(
            new MetadataResult(result.errorCode(), result.message(), result.value(), state().version()), delta);
    }

    /** Fences whoever registered in this session. {@return the delta, null when nothing changed} */
    MetadataDelta closeSession(final long sessionId, final long nowMs) {
        decision.begin(nowMs);
        for (final BrokerInfo broker : List.copyOf(state().brokers())) {
            if (broker.isRegistered() && broker.sessionId() == sessionId) {
                brokers.endSession(broker);
            }
        }
        return decision.seal();
    }

    /** Another leader of the quorum, with another clock. {@return the delta, null when nothing changed} */
    MetadataDelta newTerm(final long nowMs) {
        decision.begin(nowMs);
        brokers.onNewTerm();
        return decision.seal();
    }

    private MetadataResult decide(final MetadataCommand command, final long sessionId) {
        if (command instanceof MetadataCommand.RegisterBroker register) {
            return brokers.register(register, sessionId);
        } else if (command instanceof MetadataCommand.ReportShards report) {
            return brokers.report(report, sessionId);
        } else if (command instanceof MetadataCommand.BrokerReady ready) {
            return brokers.ready(ready, sessionId);
        } else if (command instanceof MetadataCommand.ControlledShutdown shutdown) {
            return brokers.shutDown(shutdown, sessionId);
        } else if (command instanceof MetadataCommand.ChangeIsr change) {
            return elections.changeIsr(change, sessionId);
        } else if (command instanceof MetadataCommand.ElectLeader elect) {
            return elections.elect(elect);
        } else if (command instanceof MetadataCommand.ResignLeader resign) {
            return elections.resign(resign, sessionId);
        } else if (command instanceof MetadataCommand.FinishMove move) {
            return elections.finishMove(move, sessionId);
        } else if (command instanceof MetadataCommand.CreateTopic create) {
            return topics.create(create);
        } else if (command instanceof MetadataCommand.DeleteTopic delete) {
            return topics.delete(delete);
        } else if (command instanceof MetadataCommand.AlterTopicConfig alter) {
            return topics.alter(alter);
        } else if (command instanceof MetadataCommand.CreatePartitions enlarge) {
            return topics.enlarge(enlarge);
        } else if (command instanceof MetadataCommand.AlterBrokerConfig alter) {
            return brokerConfigs.alter(alter);
        } else if (command instanceof MetadataCommand.AllocateProducerIds allocate) {
            return allocate(allocate);
        }
        return Decision.refuse(MetadataErrors.INVALID_REQUEST, "command is not understood: " + command);
    }

    private MetadataResult allocate(final MetadataCommand.AllocateProducerIds command) {
        if (command.count() < 1 || command.count() > MAX_PRODUCER_ID_COUNT) {
            return Decision.refuse(MetadataErrors.INVALID_REQUEST, "count of producer ids is out of range: "
                + command.count() + " most=" + MAX_PRODUCER_ID_COUNT);
        }
        final long first = state().nextProducerId();
        decision.emit(new MetadataRecord.ProducerIdsAllocated(first + command.count()));
        return Decision.accept(first);
    }
}
