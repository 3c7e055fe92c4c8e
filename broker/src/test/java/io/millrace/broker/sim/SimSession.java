package io.millrace.broker.sim;

import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A broker's end of its session with the {@link SimQuorum}: opens it again when it is lost, follows the metadata, asks
 * again until it is answered, and knows how long its lease lasts.
 */
final class SimSession {
    private record Pending(long number, MetadataCommand command, MetadataResult.Handler handler, long deadlineNs) {
    }

    private static final long RETRY_NS = 60_000_000L;
    private static final long COMMAND_TIMEOUT_NS = 400_000_000L;
    private static final long NONE = -1;

    private final Simulation simulation;
    private final int brokerId;
    private final long timeoutNs;
    private final ArrayDeque<SimQuorum.Word> inbox = new ArrayDeque<>();
    private final List<Pending> pending = new ArrayList<>();
    private int incarnation;
    private long sessionId = NONE;
    private long heardNs;
    private long nextOpenNs;
    private long nextKeepAliveNs;
    private long nextResendNs;
    private long lastNumber;
    private boolean leased;
    private long leasedSinceNs;
    private long leaseEndNs;
    private MetadataImage image = MetadataImage.EMPTY;

    SimSession(final Simulation simulation, final int brokerId) {
        this.simulation = simulation;
        this.brokerId = brokerId;
        timeoutNs = simulation.options().sessionTimeoutNs();
    }

    /** A process starts, and knows nothing. */
    void start(final int newIncarnation, final long nowNs) {
        incarnation = newIncarnation;
        inbox.clear();
        pending.clear();
        image = MetadataImage.EMPTY;
        nextOpenNs = nowNs;
        lose(nowNs);
    }

    MetadataImage image() {
        return image;
    }

    boolean isOpen() {
        return sessionId != NONE;
    }

    long sessionId() {
        return sessionId;
    }

    /** From now on the quorum's word about this session prolongs the lease: the broker is registered in it. */
    void lease(final long nowNs) {
        leased = true;
        leasedSinceNs = nowNs;
    }

    /** {@return until when this broker may acknowledge as leader, by its own clock} */
    long leaseEndNs() {
        return leaseEndNs;
    }

    void take(final int ofIncarnation, final SimQuorum.Word word) {
        if (ofIncarnation == incarnation) {
            inbox.add(word);
        }
    }

    void submit(final MetadataCommand command, final long nowNs, final MetadataResult.Handler handler) {
        final Pending command1 = new Pending(++lastNumber, command, handler, nowNs + COMMAND_TIMEOUT_NS);
        pending.add(command1);
        if (isOpen()) {
            simulation.quorum().command(brokerId, sessionId, command1.number, command);
        }
    }

    /** Leaves in order. */
    void close() {
        if (isOpen()) {
            simulation.quorum().close(brokerId, sessionId);
        }
    }

    int doWork(final long nowNs) {
        int workCount = poll(nowNs);
        if (isOpen() && nowNs - heardNs > timeoutNs) {
            lose(nowNs);
        }
        if (!isOpen()) {
            if (nowNs - nextOpenNs >= 0) {
                nextOpenNs = nowNs + RETRY_NS;
                simulation.quorum().open(brokerId, incarnation);
            }
        } else {
            if (nowNs - nextKeepAliveNs >= 0) {
                nextKeepAliveNs = nowNs + timeoutNs / 8;
                simulation.quorum().keepAlive(brokerId, sessionId, nowNs);
            }
            if (nowNs - nextResendNs >= 0) {
                nextResendNs = nowNs + RETRY_NS;
                pending.forEach(next -> simulation.quorum().command(brokerId, sessionId, next.number, next.command));
            }
        }
        workCount += timeOut(nowNs);
        return workCount;
    }

    private void lose(final long nowNs) {
        sessionId = NONE;
        leased = false;
        heardNs = nowNs;
    }

    private int poll(final long nowNs) {
        int count = 0;
        while (!inbox.isEmpty() && inbox.peek().deliverNs() <= simulation.scheduler().nowNs()
            && !simulation.quorum().isCutFrom(brokerId)) {
            onWord(inbox.poll(), nowNs);
            count++;
        }
        return count;
    }

    private void onWord(final SimQuorum.Word word, final long nowNs) {
        if (word.kind() == SimQuorum.Kind.OPENED && word.sessionId() > sessionId) {
            sessionId = word.sessionId();
            leased = false;
            nextKeepAliveNs = nowNs;
            nextResendNs = nowNs;
            image = MetadataBytes.follow(image, List.of(word.delta()));
        }
        if (word.sessionId() != sessionId) {
            return; // of a session given up
        }
        heardNs = nowNs;
        switch (word.kind()) {
            case PUSH -> image = MetadataBytes.follow(image, List.of(word.delta()));
            case ANSWER -> answer(word.number(), word.result());
            case ALIVE -> {
                final long sentNs = simulation.options().mutant() == Mutant.LEASE_FROM_RECEIPT ? nowNs : word.number();
                if (leased && word.number() - leasedSinceNs >= 0) {
                    // clocks may run apart by some thousandths
                    leaseEndNs = Math.max(leaseEndNs, sentNs + timeoutNs - timeoutNs / 100);
                }
            }
            default -> {
                // the opening, seen above
            }
        }
    }

    private void answer(final long number, final MetadataResult result) {
        for (int i = 0; i < pending.size(); i++) {
            if (pending.get(i).number == number) {
                pending.remove(i).handler.onResult(result);
                return;
            }
        }
    }

    private int timeOut(final long nowNs) {
        int count = 0;
        while (!pending.isEmpty() && pending.get(0).deadlineNs - nowNs < 0) {
            pending.remove(0).handler.onResult(new MetadataResult(MetadataErrors.REQUEST_TIMED_OUT, "late", 0, 0));
            count++;
        }
        return count;
    }
}
