package io.millrace.broker.metadata.cluster;

import io.aeron.AeronCounters;
import io.aeron.driver.status.StreamCounter;
import org.agrona.concurrent.status.CountersReader;

/**
 * How far the consensus module of this node has read one broker's stream of messages: the driver's counter of that
 * subscriber. Owned by the service thread.
 *
 * <p>What it has read it has also noted as a sign of life, in the same duty cycle and before the counter moved.
 */
final class IngressPosition {
    static final long UNKNOWN = -1;

    private final int ingressStreamId;
    private int sessionId;
    private boolean named;
    private int counterId = CountersReader.NULL_COUNTER_ID;
    private long registrationId;

    IngressPosition(final int ingressStreamId) {
        this.ingressStreamId = ingressStreamId;
    }

    /** The broker names its publication. */
    void sessionId(final int newSessionId) {
        sessionId = newSessionId;
        named = true;
        counterId = CountersReader.NULL_COUNTER_ID;
    }

    int sessionId() {
        return sessionId;
    }

    long read(final CountersReader counters) {
        if (!named) {
            return UNKNOWN;
        }
        if (counterId != CountersReader.NULL_COUNTER_ID && !isStillThere(counters)) {
            counterId = CountersReader.NULL_COUNTER_ID;
        }
        if (counterId == CountersReader.NULL_COUNTER_ID) {
            counters.forEach((id, typeId, keyBuffer, label) -> {
                if (typeId == AeronCounters.DRIVER_SUBSCRIBER_POSITION_TYPE_ID
                    && keyBuffer.getInt(StreamCounter.SESSION_ID_OFFSET) == sessionId
                    && keyBuffer.getInt(StreamCounter.STREAM_ID_OFFSET) == ingressStreamId) {
                    counterId = id;
                    registrationId = keyBuffer.getLong(StreamCounter.REGISTRATION_ID_OFFSET);
                }
            });
            if (counterId == CountersReader.NULL_COUNTER_ID) {
                return UNKNOWN;
            }
        }
        final long position = counters.getCounterValue(counterId);
        return isStillThere(counters) ? position : UNKNOWN;
    }

    private boolean isStillThere(final CountersReader counters) {
        final int keyIndex = CountersReader.metaDataOffset(counterId) + CountersReader.KEY_OFFSET;
        return counters.getCounterState(counterId) == CountersReader.RECORD_ALLOCATED
            && counters.getCounterTypeId(counterId) == AeronCounters.DRIVER_SUBSCRIBER_POSITION_TYPE_ID
            && counters.metaDataBuffer().getInt(keyIndex + StreamCounter.SESSION_ID_OFFSET) == sessionId
            && counters.metaDataBuffer().getLong(keyIndex + StreamCounter.REGISTRATION_ID_OFFSET) == registrationId;
    }
}
