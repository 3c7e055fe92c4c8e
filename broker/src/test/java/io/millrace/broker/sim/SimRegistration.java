package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.ShardReport;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * How a broker gets into the cluster: it registers, opens its logs, reports them, and is ready; once more whenever its
 * session was lost. And how it leaves. Keeps what the data directory keeps: the boot it was last seen in, and whether
 * it was stopped in order.
 */
final class SimRegistration {
    private enum Phase { REGISTER, OPEN, REPORT, GET_READY, READY }

    private final Simulation simulation;
    private final SimNode node;
    private final SimSession session;
    private final RandomGenerator random;

    // the machine
    private UUID bootId;
    // the data directory
    private UUID notedBootId;
    private boolean notedClean = true;
    // the process
    private UUID incarnationId;
    private boolean clean;
    private Phase phase = Phase.REGISTER;
    private boolean asked;
    private int generation;
    private long registeredSession;
    private long registeredVersion;
    private long brokerEpoch;
    private long reportedWaitingVersion;

    SimRegistration(final Simulation simulation, final SimNode node, final SimSession session,
        final RandomGenerator random) {
        this.simulation = simulation;
        this.node = node;
        this.session = session;
        this.random = random;
        bootId = uuid();
        notedBootId = bootId;
    }

    private UUID uuid() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    UUID incarnationId() {
        return incarnationId;
    }

    long brokerEpoch() {
        return brokerEpoch;
    }

    boolean isReady() {
        return phase == Phase.READY;
    }

    /** A process starts and looks into its data directory. */
    void start(final int incarnation) {
        incarnationId = new UUID(node.id, incarnation);
        clean = notedClean || notedBootId.equals(bootId) || simulation.options().mutant() == Mutant.HIDE_POWER_CUT;
        notedClean = false;
        if (clean || simulation.options().mutant() == Mutant.NOTE_BOOT_AT_START) {
            notedBootId = bootId;
        }
        begin();
    }

    void onPowerLoss() {
        bootId = uuid();
    }

    void onCleanShutdown() {
        if (clean || notedBootId.equals(bootId)) {
            notedClean = true; // else the quorum does not know yet what a power cut has cost
            notedBootId = bootId;
        }
    }

    private void begin() {
        phase = Phase.REGISTER;
        asked = false;
        generation++;
        registeredSession = -1;
    }

    void doWork() {
        if (registeredSession != -1 && registeredSession != session.sessionId()) {
            begin();
        }
        if (!session.isOpen() || asked) {
            return;
        }
        if (phase == Phase.READY && reportedWaitingVersion != waitingVersion()) {
            reportAnew(waitingVersion());
            return;
        }
        switch (phase) {
            case REGISTER -> register();
            case OPEN -> {
                if (node.image().version() >= registeredVersion && allOpen(node.image())) {
                    phase = Phase.REPORT;
                }
            }
            case REPORT -> submit(new MetadataCommand.ReportShards(node.id, brokerEpoch, reports()), Phase.GET_READY);
            case GET_READY -> submit(new MetadataCommand.BrokerReady(node.id, brokerEpoch), Phase.READY);
            default -> {
                // until the session is lost
            }
        }
    }

    private void register() {
        final int ofGeneration = generation;
        final long inSession = session.sessionId();
        asked = true;
        session.submit(new MetadataCommand.RegisterBroker(node.id, "broker" + node.id, 9092, List.of(), incarnationId,
            bootId, clean, new UUID(1, 1)), node.localNs(), result -> {
                if (ofGeneration != generation) {
                    return;
                }
                asked = false;
                if (result.isOk() && inSession == session.sessionId()) {
                    simulation.tell(() -> "broker " + node.id + " is registered, clean=" + clean + " epoch "
                        + result.value());
                    notedBootId = bootId; // the quorum knows now what this boot has cost
                    registeredSession = inSession;
                    registeredVersion = result.version();
                    brokerEpoch = result.value();
                    session.lease(node.localNs());
                    phase = Phase.OPEN;
                } else if (!result.isOk()) {
                    simulation.check(result.errorCode() == MetadataErrors.REQUEST_TIMED_OUT
                        || result.errorCode() == MetadataErrors.DUPLICATE_BROKER_REGISTRATION,
                        () -> "broker " + node.id + " cannot register: " + result.message());
                }
            });
    }

    private void submit(final MetadataCommand command, final Phase next) {
        final int ofGeneration = generation;
        asked = true;
        session.submit(command, node.localNs(), result -> {
            if (ofGeneration != generation) {
                return;
            }
            asked = false;
            if (result.isOk()) {
                phase = next;
            } else if (result.errorCode() == MetadataErrors.STALE_BROKER_EPOCH) {
                begin(); // the session was closed meanwhile, or the registration overtaken
            }
        });
    }

    private void reportAnew(final long ofWaitingVersion) {
        final int ofGeneration = generation;
        asked = true;
        session.submit(new MetadataCommand.ReportShards(node.id, brokerEpoch, reports()), node.localNs(), result -> {
            if (ofGeneration == generation) {
                asked = false;
                reportedWaitingVersion = result.isOk() ? ofWaitingVersion : reportedWaitingVersion;
                if (result.errorCode() == MetadataErrors.STALE_BROKER_EPOCH) {
                    begin();
                }
            }
        });
    }

    /** Of the shards that nobody leads: changes with each that loses its leader. */
    private long waitingVersion() {
        return node.image().shards().stream().filter(shard -> !shard.hasLeader())
            .mapToLong(shard -> shard.isrVersion() * 31 + shard.id() + 1).sum();
    }

    private boolean allOpen(final MetadataImage image) {
        return image.shards().stream().allMatch(shard -> node.replica(shard.id()).log() != null);
    }

    private List<ShardReport> reports() {
        final List<ShardReport> reports = new ArrayList<>();
        for (int shardId = 0; shardId < simulation.options().shardCount(); shardId++) {
            final ObservedLog log = node.replica(shardId).log();
            if (log != null) {
                reports.add(new ShardReport(shardId, log.lastEpoch(), log.endPosition(), false));
            }
        }
        return reports;
    }

    /** Asks to be allowed to go; stops in the end, allowed or not. */
    void shutDown(final long untilNs, final Runnable stop) {
        if (phase != Phase.READY || node.localNs() - untilNs > 0) {
            stop.run();
            return;
        }
        final int ofGeneration = generation;
        session.submit(new MetadataCommand.ControlledShutdown(node.id, brokerEpoch), node.localNs(),
            (final MetadataResult result) -> {
                if (ofGeneration != generation || result.isOk() && result.value() == 0) {
                    stop.run();
                } else {
                    simulation.scheduler().after(random.nextLong(5_000_000L, 20_000_000L),
                        () -> shutDown(untilNs, stop));
                }
            });
    }
}
