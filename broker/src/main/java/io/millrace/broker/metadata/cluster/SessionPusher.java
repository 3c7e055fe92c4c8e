package io.millrace.broker.metadata.cluster;

import io.aeron.Aeron;
import io.aeron.ExclusivePublication;
import io.aeron.exceptions.RegistrationException;
import io.millrace.broker.metadata.MetadataBytes;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.ExpandableArrayBuffer;

/**
 * What the leader's service sends to one session: deltas from a cursor, answers, heartbeats. Owned by the service
 * thread.
 *
 * <p>It has a publication of its own, because the service may use its sessions' egress only while it handles a message
 * of the log, and pushing must go on without one: a slow broker is served later, and never holds up the service.
 */
final class SessionPusher {
    static final long HEARTBEAT_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long NO_REGISTRATION = Aeron.NULL_VALUE;
    private static final long RETRY_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int MAX_WAITING_RESULT_COUNT = 1024;
    private static final int DELTA_LIMIT = 32;

    private final long sessionId;
    private final String channel;
    private final IngressPosition ingress;
    private final ArrayDeque<Answer> answers = new ArrayDeque<>();
    private ExclusivePublication publication;
    private long registrationId = NO_REGISTRATION;
    private long nextRegistrationNs;
    private boolean registrationFailed;
    private boolean heartbeatDue = true;
    private long nextHeartbeatNs;
    private boolean following;
    private long pushedVersion;
    private byte[] delta;
    private int chunkIndex;

    private record Answer(long correlationId, byte[] result) {
    }

    SessionPusher(final long sessionId, final String channel, final int ingressStreamId) {
        this.sessionId = sessionId;
        ingress = new IngressPosition(ingressStreamId);
        this.channel = channel;
    }

    /** The broker says what it has and asks for what follows. */
    void onFollow(final long version, final int ingressSessionId) {
        ingress.sessionId(ingressSessionId);
        following = true;
        pushedVersion = version;
        delta = null;
        heartbeatDue = true;
    }

    /** An answer for the broker; with too many of them the oldest is dropped, and the broker asks again. */
    void onResult(final long correlationId, final byte[] result) {
        if (answers.size() == MAX_WAITING_RESULT_COUNT) {
            answers.poll();
        }
        answers.add(new Answer(correlationId, result));
    }

    /** Another member leads, or this one from now on: what was pushed so far no longer counts. */
    void reset() {
        following = false;
        delta = null;
        answers.clear();
        heartbeatDue = true;
    }

    void close(final Aeron aeron) {
        reset();
        if (publication != null) {
            CloseHelper.quietClose(publication);
        } else if (registrationId != NO_REGISTRATION) {
            aeron.asyncRemovePublication(registrationId);
        }
        publication = null;
        registrationId = NO_REGISTRATION;
    }

    int push(
        final long nowNs, final long termId, final DeltaTail tail, final Aeron aeron,
        final ExpandableArrayBuffer buffer) {
        if (!ensurePublication(nowNs, aeron) || !publication.isConnected()) {
            return 0;
        }
        int workCount = 0;
        if (following) {
            workCount += pushDeltas(termId, tail, buffer);
        }
        workCount += pushAnswers(termId, buffer);
        if (heartbeatDue || nowNs - nextHeartbeatNs >= 0) {
            final int length = PushCodec.putHeartbeat(buffer, sessionId, termId, following, pushedVersion,
                ingress.sessionId(), ingress.read(aeron.countersReader()));
            if (publication.offer(buffer, 0, length) > 0) {
                heartbeatDue = false;
                nextHeartbeatNs = nowNs + HEARTBEAT_INTERVAL_NS;
                workCount++;
            }
        }
        return workCount;
    }

    private int pushDeltas(final long termId, final DeltaTail tail, final ExpandableArrayBuffer buffer) {
        int workCount = 0;
        while (delta != null || nextDelta(tail)) {
            while (chunkIndex < delta.length) {
                final int length = PushCodec.putDeltaChunk(buffer, sessionId, termId, delta, chunkIndex);
                if (workCount == DELTA_LIMIT || publication.offer(buffer, 0, length) < 0) {
                    return workCount;
                }
                chunkIndex += length - PushCodec.DELTA_HEADER_LENGTH;
                workCount++;
            }
            pushedVersion = MetadataBytes.toVersion(delta);
            delta = null;
        }
        return workCount;
    }

    private boolean nextDelta(final DeltaTail tail) {
        final List<byte[]> next = tail.since(pushedVersion, 1);
        if (next.isEmpty()) {
            return false;
        }
        delta = next.get(0);
        chunkIndex = 0;
        return true;
    }

    private int pushAnswers(final long termId, final ExpandableArrayBuffer buffer) {
        if (answers.isEmpty()) {
            return 0;
        }
        int workCount = 0;
        final Iterator<Answer> waiting = answers.iterator();
        while (waiting.hasNext()) {
            final Answer answer = waiting.next();
            final int length =
                PushCodec.putResult(buffer, sessionId, termId, answer.correlationId(), answer.result());
            if (publication.offer(buffer, 0, length) < 0) {
                break;
            }
            waiting.remove();
            workCount++;
        }
        return workCount;
    }

    private boolean ensurePublication(final long nowNs, final Aeron aeron) {
        if (publication != null && publication.isClosed()) {
            publication = null;
        }
        if (publication == null && registrationId == NO_REGISTRATION
            && (!registrationFailed || nowNs - nextRegistrationNs >= 0)) {
            registrationId = aeron.asyncAddExclusivePublication(channel, PushCodec.PUSH_STREAM_ID);
        }
        if (publication == null && registrationId != NO_REGISTRATION) {
            try {
                publication = aeron.getExclusivePublication(registrationId);
                registrationId = publication == null ? registrationId : NO_REGISTRATION;
            } catch (final RegistrationException ex) {
                // the broker's address does not resolve now, or the driver has no room: its session will time out
                registrationId = NO_REGISTRATION;
                registrationFailed = true;
                nextRegistrationNs = nowNs + RETRY_INTERVAL_NS;
            }
        }
        return publication != null;
    }
}
