package io.millrace.broker.metadata;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** A broker's session with an {@link InMemoryMetadataCluster}. Owned by the metadata thread. */
public final class InMemoryQuorum implements MetadataQuorum {
    /** How long a command waits for a quorum that cannot be reached. */
    static final long COMMAND_TIMEOUT_NS = 5_000_000_000L;

    private static final long REGISTER_RETRY_NS = 100_000_000L;
    private static final long NO_SESSION = -1;
    /** Of the session time-out, 1/20: the cluster's clock and this broker's may run apart. */
    private static final int DRIFT_DIVISOR = 20;

    private final InMemoryMetadataCluster cluster;
    private final MetadataListener listener;
    private final LivenessGate gate;
    private final CommandIntake intake = new CommandIntake();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final WireWriter writer = new WireWriter();
    private MetadataCommand.RegisterBroker registration;
    private MetadataResult.Handler registrationHandler;
    private long sessionId = NO_SESSION;
    private long nextRegisterNs;
    private boolean registered;
    private volatile boolean reachable = true;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private volatile State state = State.CONNECTING;
    private volatile long lastHeardNs;
    private volatile long leaseEndNs;
    private boolean readyByCaller;
    private long dutyNowNs;

    private record Waiting(CommandIntake.Submission submission, long deadlineNs) {
    }

    private record Answer(MetadataResult.Handler handler, MetadataResult result) {
    }

    InMemoryQuorum(
        final InMemoryMetadataCluster cluster, final MetadataListener listener, final LivenessGate gate) {
        this.cluster = cluster;
        this.listener = listener;
        this.gate = gate;
    }

    /**
     * Cuts this broker off from the quorum, or heals that. For simulation; any thread.
     *
     * @param reachable whether the quorum can be reached
     */
    public void reachable(final boolean reachable) {
        this.reachable = reachable;
    }

    @Override
    public void register(
        final MetadataCommand.RegisterBroker newRegistration, final MetadataResult.Handler handler) {
        registration = newRegistration;
        registrationHandler = handler;
        registered = false;
        nextRegisterNs = Long.MIN_VALUE;
    }

    @Override
    public void readyByCaller() {
        readyByCaller = true;
    }

    @Override
    public void submit(final MetadataCommand command, final MetadataResult.Handler handler) {
        intake.submit(command, handler);
    }

    @Override
    public MetadataProxy proxy() {
        return intake;
    }

    @Override
    public MetadataImage image() {
        return image;
    }

    @Override
    public State state() {
        return state;
    }

    @Override
    public long lastHeardNs() {
        return lastHeardNs;
    }

    @Override
    public long leaseEndNs() {
        return leaseEndNs;
    }

    @Override
    public long sessionTimeoutNs() {
        return cluster.sessionTimeoutNs();
    }

    @Override
    public int doWork(final long nowNs) {
        if (state == State.CLOSED) {
            return 0;
        }
        dutyNowNs = nowNs;
        int workCount = intake.drain(submission -> waiting.add(new Waiting(submission, nowNs + COMMAND_TIMEOUT_NS)));
        if (reachable) {
            cluster.expire(nowNs);
            if (gate.isAlive(nowNs) && keepSession(nowNs)) {
                lastHeardNs = nowNs;
                workCount += exchange(nowNs);
            }
        }
        return workCount + timeOut(nowNs);
    }

    private boolean keepSession(final long nowNs) {
        if (sessionId != NO_SESSION && !cluster.keepAlive(sessionId, nowNs)) {
            sessionId = NO_SESSION;
            registered = false;
            leaseEndNs = nowNs;
            nextRegisterNs = nowNs;
            state = State.CONNECTING;
        }
        if (sessionId == NO_SESSION) {
            sessionId = cluster.openSession(nowNs);
            state = State.SYNCING;
        }
        return true;
    }

    private int exchange(final long nowNs) {
        final List<Answer> answers = new ArrayList<>();
        if (registration != null && !registered && nowNs >= nextRegisterNs) {
            registerNow(nowNs, answers);
        }
        Waiting next = waiting.poll();
        while (next != null) {
            final MetadataCommand command = next.submission().command();
            answers.add(new Answer(next.submission().handler(), decide(command)));
            next = waiting.poll();
        }
        final int workCount = answers.size() + follow();
        leaseEndNs = registered ? nowNs + sessionTimeoutNs() - sessionTimeoutNs() / DRIFT_DIVISOR : nowNs;
        state = registration == null || registered ? State.READY : State.SYNCING;
        answers.forEach(answer -> answer.handler().onResult(answer.result()));
        return workCount;
    }

    private void registerNow(final long nowNs, final List<Answer> answers) {
        final MetadataResult result = decide(registration);
        registered = result.isOk();
        if (registered && !readyByCaller) {
            decide(new MetadataCommand.BrokerReady(registration.brokerId(), result.value()));
        }
        nextRegisterNs = nowNs + REGISTER_RETRY_NS;
        if (result.errorCode() == MetadataErrors.INVALID_REQUEST) {
            registration = null;
        }
        if (registered || registration == null) {
            answers.add(new Answer(registrationHandler, result));
        }
    }

    /** Through the bytes, as a real quorum does, so that every simulation tests the codec as well. */
    private MetadataResult decide(final MetadataCommand command) {
        CommandCodec.encode(writer.reset(), command);
        if (writer.length() > CommandCodec.MAX_LENGTH) {
            return CommandCodec.tooLong(writer.length());
        }
        final UnsafeBuffer bytes = new UnsafeBuffer(writer.toByteArray());
        return cluster.decide(CommandCodec.decode(bytes, 0, bytes.capacity()), sessionId, dutyNowNs);
    }

    private int follow() {
        final List<MetadataDelta> deltas = cluster.deltasSince(image.version());
        if (!deltas.isEmpty()) {
            final MetadataImage previous = image;
            image = previous.follow(deltas);
            listener.onImage(image, previous);
        }
        return deltas.size();
    }

    private int timeOut(final long nowNs) {
        int count = 0;
        while (!waiting.isEmpty() && waiting.peek().deadlineNs() - nowNs < 0) {
            waiting.poll().submission().timeOut();
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        leaseEndNs = dutyNowNs;
        if (sessionId != NO_SESSION && reachable) {
            cluster.closeSession(sessionId, dutyNowNs);
        }
        waiting.forEach(command -> command.submission().timeOut());
        waiting.clear();
        intake.close();
    }
}
