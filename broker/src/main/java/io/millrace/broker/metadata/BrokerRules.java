package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.Decision.accept;
import static io.millrace.broker.metadata.Decision.refuse;
import static io.millrace.broker.metadata.MetadataErrors.BROKER_ID_NOT_REGISTERED;
import static io.millrace.broker.metadata.MetadataErrors.DUPLICATE_BROKER_REGISTRATION;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REQUEST;
import static io.millrace.broker.metadata.MetadataErrors.STALE_BROKER_EPOCH;

import java.util.List;

/**
 * Brokers come, get ready, stop and go; what that means for shards is left to the elections. Owned by the state
 * machine.
 */
final class BrokerRules {
    private static final int MAX_BROKER_ID = 1_000_000;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_HOST_LENGTH = 255;
    private static final int MAX_ENDPOINT_COUNT = 16;

    private final Decision decision;
    private final MetadataState state;
    private final ElectionRules elections;

    BrokerRules(final Decision decision, final ElectionRules elections) {
        this.decision = decision;
        this.elections = elections;
        state = decision.state();
    }

    MetadataResult register(final MetadataCommand.RegisterBroker command, final long sessionId) {
        final int id = command.brokerId();
        if (id < 0 || id > MAX_BROKER_ID || command.port() < 1 || command.port() > MAX_PORT
            || command.host().isEmpty() || command.host().length() > MAX_HOST_LENGTH
            || command.endpoints().size() > MAX_ENDPOINT_COUNT || command.incarnationId() == null
            || command.bootId() == null || command.proposedClusterId() == null) {
            return refuse(INVALID_REQUEST, "registration is not valid: " + command);
        }
        final BrokerInfo present = state.broker(id);
        final boolean sameProcess = present != null && present.incarnationId().equals(command.incarnationId());
        if (present != null && present.isRegistered()) {
            if (!sameProcess) {
                return refuse(DUPLICATE_BROKER_REGISTRATION, "another process is registered as broker " + id + " at "
                    + present.host() + ":" + present.port() + ": stop it, or wait until its session has timed out");
            }
            if (present.sessionId() == sessionId) {
                return accept(present.epoch());
            }
        }
        if (state.clusterId() == null) {
            decision.emit(new MetadataRecord.ClusterCreated(command.proposedClusterId()));
        }
        final boolean moves = sameProcess && present.isRegistered(); // nothing happened to its shards meanwhile
        final long epoch = state.version() + 1;
        decision.emit(new BrokerInfo(
            id, command.host(), command.port(), command.endpoints(), epoch, !moves || present.fenced(),
            sameProcess && present.shuttingDown(), command.incarnationId(), command.bootId(), command.clean(),
            sessionId, present == null ? 0 : present.sessionEndMs()));
        if (present != null && !sameProcess && !command.clean()) {
            elections.onUncleanStart(id);
        }
        return accept(epoch);
    }

    MetadataResult report(final MetadataCommand.ReportShards command, final long sessionId) {
        final MetadataResult refusal = checkSender(command.brokerId(), command.brokerEpoch(), sessionId);
        if (refusal != null) {
            return refusal;
        }
        if (command.shards().size() > MetadataCommand.ReportShards.MAX_REPORT_COUNT) {
            return refuse(INVALID_REQUEST, "too many shards in one report: " + command.shards().size() + " limit="
                + MetadataCommand.ReportShards.MAX_REPORT_COUNT + ": send several");
        }
        elections.onReport(command.brokerId(), command.shards());
        return accept(0);
    }

    MetadataResult ready(final MetadataCommand.BrokerReady command, final long sessionId) {
        final MetadataResult refusal = checkSender(command.brokerId(), command.brokerEpoch(), sessionId);
        if (refusal != null) {
            return refusal;
        }
        final BrokerInfo broker = state.broker(command.brokerId());
        if (broker.fenced()) {
            decision.emit(broker.ready());
            elections.onReady(broker.id());
        }
        return accept(0);
    }

    MetadataResult shutDown(final MetadataCommand.ControlledShutdown command, final long sessionId) {
        final MetadataResult refusal = checkSender(command.brokerId(), command.brokerEpoch(), sessionId);
        if (refusal != null) {
            return refusal;
        }
        final BrokerInfo broker = state.broker(command.brokerId());
        if (!broker.shuttingDown()) {
            decision.emit(broker.stopping());
        }
        return accept(elections.onShutDown(broker.id()));
    }

    /** The session in which this broker is registered is closed. */
    void endSession(final BrokerInfo broker) {
        decision.emit(broker.withoutSession(decision.nowMs()));
        if (!broker.fenced()) {
            elections.onFenced(broker.id());
        }
    }

    /**
     * Another controller leads the quorum, and its clock may say anything. What ended before keeps its distances among
     * itself and counts as if the last of it had ended just now: rather too near than too far from what follows.
     */
    void onNewTerm() {
        long lastMs = 0;
        for (final BrokerInfo broker : state.brokers()) {
            lastMs = Math.max(lastMs, broker.sessionEndMs());
        }
        final long shiftMs = decision.nowMs() - lastMs;
        if (lastMs != 0 && shiftMs != 0) {
            for (final BrokerInfo broker : List.copyOf(state.brokers())) {
                if (broker.sessionEndMs() != 0) {
                    decision.emit(broker.withSessionEndMs(Math.max(1, broker.sessionEndMs() + shiftMs)));
                }
            }
        }
    }

    private MetadataResult checkSender(final int brokerId, final long brokerEpoch, final long sessionId) {
        final BrokerInfo broker = state.broker(brokerId);
        if (broker == null) {
            return refuse(BROKER_ID_NOT_REGISTERED, "broker is not registered: " + brokerId);
        }
        if (!broker.isRegistered() || broker.sessionId() != sessionId || broker.epoch() != brokerEpoch) {
            return refuse(STALE_BROKER_EPOCH, "broker " + brokerId + " is at epoch " + broker.epoch() + ", not at "
                + brokerEpoch + ", or its session was closed: it has to register again");
        }
        return null;
    }
}
