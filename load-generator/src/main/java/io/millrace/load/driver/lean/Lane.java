package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.message.InitProducerId;
import java.util.ArrayDeque;

/**
 * One producer's way to one partition: a batch being filled, batches waiting, batches in flight, in this order of age
 * reversed; owned by the sending thread.
 *
 * <p>Batches of a lane are sent in order, at most {@value #MAX_IN_FLIGHT} at a time (Kafka remembers that many for
 * duplicates). When one is refused or its connection lost, the lane sends nothing new until all in flight are answered,
 * then sends again what needs it, in order, with the same sequences: so a batch the broker has already is recognised.
 * When a batch is given up, the sequence would have a hole: the lane goes on under a new producer id, and batches whose
 * fate is unknown are given up with it, since under a new id they could come twice.
 */
final class Lane {
    static final int MAX_IN_FLIGHT = 5;
    private static final long RETRY_BACKOFF_NS = 20_000_000;

    final LeanProducer producer;
    final int partition;
    Link link;
    boolean isActive;

    private final LeanSession session;
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
    private final ArrayDeque<Batch> inFlight = new ArrayDeque<>();
    private final ArrayDeque<Batch> retry = new ArrayDeque<>();
    private Batch open;
    private int nextSequence;

    private long producerId;
    private short producerEpoch;
    private int nextKafkaSequence;
    private ClusterView.IdRequest idRequest;
    private boolean isRecovering;
    private boolean isResetNeeded;
    private long retryAtNs;

    Lane(
        final LeanSession session,
        final LeanProducer producer,
        final int partition,
        final InitProducerId.Response id) {
        this.session = session;
        this.producer = producer;
        this.partition = partition;
        this.producerId = id.producerId();
        this.producerEpoch = id.producerEpoch();
        this.retryAtNs = session.nowNs();
    }

    int nextSequence() {
        return nextSequence;
    }

    boolean hasOpen() {
        return open != null;
    }

    boolean isEmpty() {
        return open == null && waiting.isEmpty() && inFlight.isEmpty() && retry.isEmpty();
    }

    /** {@return false if no batch was free to put the record into} */
    boolean add(final int length, final byte[] key, final long dueNs, final long nowNs) {
        if (open != null && !open.hasRoom(length)) {
            waiting.addLast(open);
            open = null;
        }
        if (open == null) {
            open = session.takeBatch();
            if (open == null) {
                return false;
            }
            open.begin(this, nextSequence);
        }
        open.add(session.runId(), producer.producerId(), partition, length, key, dueNs, nowNs);
        session.onTaken(producer.producerId(), partition, nextSequence, dueNs, nowNs);
        nextSequence++;
        if (open.isFull()) {
            waiting.addLast(open);
            open = null;
        }
        return true;
    }

    /**
     * Sends what may be sent.
     *
     * @return number of batches sent
     */
    int send(final long nowNs) {
        expire(nowNs);
        if (isRecovering || idRequest != null && !hasNewId() || nowNs - retryAtNs < 0) {
            return 0;
        }
        int count = 0;
        while (inFlight.size() < MAX_IN_FLIGHT) {
            if (waiting.isEmpty()) {
                // While it cannot leave, it goes on filling; once it is sealed, nothing more goes into it.
                if (open == null || !session.isLingerOver(open, nowNs) || !hasReadyLink()) {
                    break;
                }
                waiting.addLast(open);
                open = null;
            }
            final Batch batch = waiting.peekFirst();
            if (!hasReadyLink() || !offer(batch)) {
                break;
            }
            waiting.removeFirst();
            if (session.isAnswered()) {
                inFlight.addLast(batch);
            }
            count++;
        }
        return count;
    }

    void onAnswer(final Batch batch, final short errorCode) {
        if (inFlight.pollFirst() != batch) {
            throw new IllegalStateException("an answer out of order: partition=" + partition + " batch=" + batch.id);
        }
        if (errorCode == KafkaErrors.NONE || errorCode == KafkaErrors.DUPLICATE_SEQUENCE) {
            session.complete(batch);
        } else if (KafkaErrors.isRetriable(errorCode)
            || errorCode == KafkaErrors.OUT_OF_ORDER_SEQUENCE && isRecovering) {
            if (KafkaErrors.leavesFateOpen(errorCode)) {
                batch.fateUnknown();
            }
            retry.addLast(batch);
            isRecovering = true;
        } else {
            session.fail(batch, KafkaErrors.name(errorCode));
            isResetNeeded = true;
            isRecovering = true;
        }
        recoverIfAnswered();
    }

    void onDisconnect() {
        for (Batch batch = inFlight.pollFirst(); batch != null; batch = inFlight.pollFirst()) {
            batch.fateUnknown();
            retry.addLast(batch);
            isRecovering = true;
        }
        recoverIfAnswered();
    }

    /** Gives up everything. */
    void close() {
        inFlight.forEach(batch -> session.fail(batch, "NO_ANSWER"));
        retry.forEach(batch -> session.fail(batch, "NO_ANSWER"));
        waiting.forEach(batch -> session.fail(batch, "NOT_SENT"));
        if (open != null) {
            session.fail(open, "NOT_SENT");
            open = null;
        }
        inFlight.clear();
        retry.clear();
        waiting.clear();
    }

    long lingerEndNs() {
        return open == null ? Long.MAX_VALUE : open.sentNs(0) + session.lingerNs();
    }

    /** Another link only while nothing is on its way through the old one: else batches could overtake each other. */
    private boolean hasReadyLink() {
        if (inFlight.isEmpty()) {
            link = session.linkOf(partition);
        }
        return link != null && link.isReady();
    }

    private boolean offer(final Batch batch) {
        if (!batch.isSealed()) {
            final boolean isIdempotent = producerId >= 0;
            batch.seal(session.epochMs(), producerId, producerEpoch, isIdempotent ? nextKafkaSequence : -1);
            nextKafkaSequence = nextKafkaSequence + batch.count() & Integer.MAX_VALUE;
        }
        return session.offer(link, partition, batch);
    }

    private void recoverIfAnswered() {
        if (!isRecovering || !inFlight.isEmpty()) {
            return;
        }
        isRecovering = false;
        retryAtNs = session.nowNs() + RETRY_BACKOFF_NS;
        for (Batch batch = retry.pollLast(); batch != null; batch = retry.pollLast()) {
            waiting.addFirst(batch);
        }
        if (isResetNeeded) {
            reset();
        }
    }

    private void reset() {
        isResetNeeded = false;
        final int count = waiting.size();
        for (int i = 0; i < count; i++) {
            final Batch batch = waiting.pollFirst();
            if (batch.isFateUnknown()) {
                session.fail(batch, "GIVEN_UP");
            } else {
                batch.unseal();
                waiting.addLast(batch);
            }
        }
        if (producerId >= 0) {
            idRequest = session.requestProducerId();
        }
    }

    private boolean hasNewId() {
        final InitProducerId.Response answer = idRequest.answer();
        if (answer == null) {
            return false;
        }
        idRequest = null;
        producerId = answer.producerId();
        producerEpoch = answer.producerEpoch();
        nextKafkaSequence = 0;
        return true;
    }

    private void expire(final long nowNs) {
        if (open != null && waiting.isEmpty() && session.isOverdue(open, nowNs)) {
            waiting.addLast(open);
            open = null;
        }
        while (inFlight.isEmpty() && !waiting.isEmpty() && session.isOverdue(waiting.peekFirst(), nowNs)) {
            final Batch batch = waiting.pollFirst();
            isResetNeeded |= batch.isSealed();
            session.fail(batch, "DELIVERY_TIMEOUT");
        }
        if (isResetNeeded && inFlight.isEmpty() && !isRecovering) {
            reset();
        }
    }
}
