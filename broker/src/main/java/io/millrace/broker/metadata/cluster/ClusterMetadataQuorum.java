package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.FragmentAssembler;
import io.aeron.Subscription;
import io.millrace.broker.metadata.CommandIntake;
import io.millrace.broker.metadata.LivenessGate;
import io.millrace.broker.metadata.MetadataBytes;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataFormatException;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataListener;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.ErrorHandler;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.NanoClock;

/** A broker's session with the quorum on Aeron Cluster. Owned by the metadata thread. */
public final class ClusterMetadataQuorum implements MetadataQuorum, ClusterSession.Listener {
    /** How long a command may wait for its answer. */
    public static final long COMMAND_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(8);

    private static final long RESEND_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long FOLLOW_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long REGISTER_RETRY_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** After so many time-outs of sessions another process with this broker's id is no leftover of this one. */
    private static final int TWIN_TIMEOUT_COUNT = 15; // a leader that is new grants all sessions another time-out
    private static final int FRAGMENT_LIMIT = 64;
    /** Duty cycles that give the driver time to send the good-bye. */
    private static final int CLOSING_DUTY_CYCLE_COUNT = 200;

    private final ClusterMetadataConfiguration configuration;
    private final AgentInvoker driver;
    private final MetadataListener listener;
    private final LivenessGate gate;
    private final ErrorHandler errors;
    private final SessionLease lease;
    private final PushReceiver receiver = new PushReceiver();
    private final FragmentAssembler assembler =
        new FragmentAssembler((buffer, offset, length, header) -> receiver.onMessage(buffer, offset, length));
    private final CommandIntake intake = new CommandIntake();
    private final Consumer<CommandIntake.Submission> onSubmission = this::accept; // not a new one for each duty cycle
    private final Map<Long, PendingCommand> pending = new LinkedHashMap<>();
    private final ExpandableArrayBuffer sendBuffer = new ExpandableArrayBuffer();
    private volatile Aeron aeron;
    private AgentInvoker aeronInvoker;
    private ClusterSession session;
    private Subscription pushes;
    private long nextCorrelationId = 1;
    private boolean followDue;
    private long nextFollowNs;
    private MetadataCommand.RegisterBroker registration;
    private MetadataResult.Handler registrationHandler;
    private boolean readyByCaller;
    private boolean registered;
    private boolean registering;
    private boolean registerLater;
    private long nextRegisterNs;
    private long brokerEpoch;
    private boolean probing;
    private boolean duplicate;
    private long duplicateSinceNs;
    private long nowNs;
    private volatile MetadataImage image = MetadataImage.EMPTY;
    private volatile State state = State.CONNECTING;
    private volatile long lastHeardNs;

    ClusterMetadataQuorum(
        final ClusterMetadataConfiguration configuration, final AgentInvoker driver, final MetadataListener listener,
        final LivenessGate gate, final ErrorHandler errors, final NanoClock clock) {
        lease = new SessionLease(configuration, clock.nanoTime());
        this.configuration = configuration;
        this.driver = driver;
        this.listener = listener;
        this.gate = gate;
        this.errors = errors;
    }

    /** In the first duty cycle, which may be long after the start: an Aeron client that is not driven closes itself. */
    private void open() {
        aeron = ClusterContexts.client(configuration, driver, errors, errors);
        aeronInvoker = aeron.conductorAgentInvoker();
        pushes = aeron.addSubscription(ClusterSession.egressChannel(configuration), PushCodec.PUSH_STREAM_ID);
        session = new ClusterSession(configuration, aeron, driver, errors, this);
    }

    @Override
    public void register(
        final MetadataCommand.RegisterBroker newRegistration, final MetadataResult.Handler handler) {
        registration = newRegistration;
        registrationHandler = handler;
        lease.end(nowNs);
        registered = false;
        registering = false;
        registerLater = false;
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
        return lease.endNs();
    }

    @Override
    public long sessionTimeoutNs() {
        return configuration.sessionTimeoutNs();
    }

    /** {@return the member that leads the quorum as this session knows it, -1 for none} */
    public int leaderMemberId() {
        return session == null ? -1 : session.leaderMemberId();
    }

    /**
     * {@return whether the session can never work again; any thread} Aeron ends its client when that was not invoked
     * for longer than its time-out: the process stood still, or the machine had no time for it.
     */
    public boolean isTerminated() {
        return state != State.CLOSED && isAeronClosed();
    }

    /** Only what keeps Aeron from ending the session's client: nothing is polled, nothing sent. {@return work count} */
    int keepAlive() {
        return state == State.CLOSED || aeron == null || aeron.isClosed() ? 0 : aeronInvoker.invoke();
    }

    private boolean isAeronClosed() {
        return aeron != null && aeron.isClosed();
    }

    @Override
    public int doWork(final long dutyNowNs) {
        if (state == State.CLOSED || isAeronClosed()) {
            return 0;
        }
        nowNs = dutyNowNs;
        if (session == null) {
            open();
        }
        int workCount = aeronInvoker.invoke() + intake.drain(onSubmission);
        final boolean alive = gate.isAlive(nowNs);
        workCount += session.doWork(nowNs, alive);
        workCount += receive();
        if (alive && session.isOpen()) {
            workCount += send();
        }
        workCount += timeOut();
        updateState();
        return workCount;
    }

    private void accept(final CommandIntake.Submission submission) {
        final byte[] bytes = MetadataBytes.encode(submission.command());
        if (bytes == null) {
            submission.handler().onResult(MetadataBytes.refuseTooLong(submission.command()));
        } else {
            add(submission, bytes, false);
        }
    }

    private void add(final CommandIntake.Submission submission, final byte[] bytes, final boolean isRegistration) {
        pending.put(
            nextCorrelationId++,
            new PendingCommand(submission, bytes, isRegistration, nowNs, nowNs + COMMAND_TIMEOUT_NS));
    }

    private int receive() {
        int workCount = 0;
        try {
            workCount += pushes.poll(assembler, FRAGMENT_LIMIT);
            if (receiver.takeHeard()) {
                lastHeardNs = nowNs;
            }
            followDue |= !receiver.tell(lease, nowNs);
            if (receiver.hasDeltas()) {
                final MetadataImage previous = image;
                image = receiver.takeImage(previous);
                listener.onImage(image, previous);
                workCount++;
            }
        } catch (final MetadataFormatException ex) {
            // the receiver starts over from the image it has; the service is asked for what follows
            errors.onError(ex);
        }
        return workCount + answer();
    }

    private int answer() {
        if (pending.isEmpty()) {
            receiver.forgetResults();
            return 0;
        }
        final List<Long> answered = new ArrayList<>();
        final List<MetadataResult> results = new ArrayList<>();
        for (final long correlationId : pending.keySet()) {
            final MetadataResult result = receiver.takeResult(correlationId, image);
            if (result != null) {
                answered.add(correlationId);
                results.add(result);
            }
        }
        for (int i = 0; i < answered.size(); i++) {
            final PendingCommand command = pending.remove(answered.get(i));
            command.submission().handler().onResult(command.judge(results.get(i)));
            if (registered) { // the registration's own answer counts as well
                lease.onAnswered(command.firstSentNs());
            }
        }
        receiver.retainResults(pending.keySet());
        return answered.size();
    }

    private int send() {
        int workCount = 0;
        if (followDue || !receiver.isFollowing() && nowNs - nextFollowNs >= 0) {
            final int length = PushCodec.putFollow(sendBuffer, receiver.version(), session.ingressSessionId());
            if (session.offer(sendBuffer, length, nowNs)) {
                followDue = false;
                nextFollowNs = nowNs + FOLLOW_INTERVAL_NS;
                workCount++;
            }
        }
        if (registration != null && !registered && !registering
            && (!registerLater || nowNs - nextRegisterNs >= 0)) {
            registering = true;
            final MetadataCommand.RegisterBroker command = registration;
            add(new CommandIntake.Submission(command, result -> onRegistered(command, result)),
                MetadataBytes.encode(command), true);
        }
        if (registered && !probing && lease.hasEnded(nowNs)) {
            probe();
        }
        return pending.isEmpty() ? workCount : workCount + sendPending();
    }

    private int sendPending() {
        int workCount = 0;
        for (final Map.Entry<Long, PendingCommand> entry : pending.entrySet()) {
            final PendingCommand command = entry.getValue();
            final boolean allowed = command.isRegistration() || registration == null || registered;
            if (allowed && command.isSendDue(nowNs)) {
                final int length = PushCodec.putCommand(sendBuffer, entry.getKey(), command.bytes());
                if (!session.offer(sendBuffer, length, nowNs)) {
                    break;
                }
                command.onSent(nowNs, nowNs + RESEND_INTERVAL_NS);
                workCount++;
            }
        }
        return workCount;
    }

    /**
     * The lease has run out although the session is open, after a pause or a silence: a command that changes nothing is
     * sent through the quorum's log, and its answer begins a new one.
     */
    private void probe() {
        probing = true;
        final long epoch = brokerEpoch;
        final MetadataCommand command =
            new MetadataCommand.ReportShards(registration.brokerId(), epoch, List.of());
        add(new CommandIntake.Submission(command, result -> {
            probing = false;
            if (result.errorCode() == MetadataErrors.STALE_BROKER_EPOCH && epoch == brokerEpoch) {
                registered = false; // this session is not the one it is registered in: do it again
                lease.end(nowNs);
            }
        }), MetadataBytes.encode(command), true);
    }

    private void onRegistered(final MetadataCommand.RegisterBroker command, final MetadataResult result) {
        if (command != registration) {
            return;
        }
        if (result.isOk() && !readyByCaller) {
            final MetadataCommand ready = new MetadataCommand.BrokerReady(command.brokerId(), result.value());
            add(new CommandIntake.Submission(ready, answer -> onSettled(command, answer.isOk() ? result : answer)),
                MetadataBytes.encode(ready), true);
            return;
        }
        onSettled(command, result);
    }

    private void onSettled(final MetadataCommand.RegisterBroker command, final MetadataResult result) {
        if (command != registration) {
            return;
        }
        registering = false;
        registered = result.isOk();
        brokerEpoch = result.value();
        registerLater = true;
        nextRegisterNs = nowNs + REGISTER_RETRY_NS;
        final boolean hopeless = result.errorCode() == MetadataErrors.INVALID_REQUEST || isTwin(result);
        registration = hopeless ? null : registration;
        if (registered || hopeless) {
            registrationHandler.onResult(result);
        }
    }

    /** A process that was killed is held for alive until its session times out; one that still lives, for good. */
    private boolean isTwin(final MetadataResult result) {
        if (result.errorCode() != MetadataErrors.DUPLICATE_BROKER_REGISTRATION) {
            duplicate = false;
            return false;
        }
        if (!duplicate) {
            duplicate = true;
            duplicateSinceNs = nowNs;
        }
        return nowNs - duplicateSinceNs >= TWIN_TIMEOUT_COUNT * configuration.sessionTimeoutNs();
    }

    private int timeOut() {
        if (pending.isEmpty()) {
            return 0;
        }
        final List<Long> expired = new ArrayList<>();
        pending.forEach((correlationId, command) -> {
            if (command.deadlineNs() - nowNs <= 0) {
                expired.add(correlationId);
            }
        });
        for (final long correlationId : expired) {
            pending.remove(correlationId).submission().timeOut();
        }
        return expired.size();
    }

    private void updateState() {
        if (!session.isOpen()) {
            state = State.CONNECTING;
        } else if (registration != null && !registered) {
            state = State.SYNCING;
        } else if (state != State.READY) {
            state = receiver.isCurrent() ? State.READY : State.SYNCING;
        }
    }

    @Override
    public void onSessionOpen(final long sessionId, final long leadershipTermId) {
        receiver.onSession(sessionId, leadershipTermId, image.version());
        followDue = true;
        resendAll();
    }

    @Override
    public void onSent(final int ingressSessionId, final long position, final long sentNs) {
        lease.onSent(ingressSessionId, position, sentNs);
    }

    @Override
    public void onLeaderChanged(final long leadershipTermId) {
        receiver.onLeader(leadershipTermId);
        followDue = true;
        resendAll();
    }

    @Override
    public void onSessionLost() {
        registered = false;
        registering = false;
        registerLater = false;
        probing = false;
        lease.end(nowNs);
        pending.values().removeIf(PendingCommand::isRegistration);
        state = State.CONNECTING;
    }

    private void resendAll() {
        pending.values().forEach(command -> command.sendAgain(nowNs));
    }

    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        lease.end(nowNs);
        if (session != null) {
            session.close();
            for (int i = 0; i < CLOSING_DUTY_CYCLE_COUNT; i++) {
                driver.invoke();
                aeronInvoker.invoke();
            }
        }
        CloseHelper.close(errors, pushes);
        CloseHelper.close(errors, aeron);
        final List<PendingCommand> waiting = new ArrayList<>(pending.values());
        pending.clear();
        waiting.forEach(command -> command.submission().timeOut());
        intake.close();
    }
}
