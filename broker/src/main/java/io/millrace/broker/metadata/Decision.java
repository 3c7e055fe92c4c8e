package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.List;

/**
 * One command being decided: the state it changes and the records of what changed so far. Owned by the state machine;
 * every set of rules writes through it.
 */
final class Decision {
    private final MetadataState state = new MetadataState();
    private final List<MetadataRecord> records = new ArrayList<>();
    private long nowMs;

    /** Starts on the next command. */
    void begin(final long newNowMs) {
        records.clear();
        nowMs = newNowMs;
    }

    MetadataState state() {
        return state;
    }

    /** {@return the quorum's time: of the log entry that is decided, the same on every replica} */
    long nowMs() {
        return nowMs;
    }

    void emit(final MetadataRecord record) {
        state.apply(record);
        records.add(record);
    }

    void emit(final BrokerInfo broker) {
        emit(new MetadataRecord.BrokerChanged(broker));
    }

    void emit(final ShardInfo shard) {
        emit(new MetadataRecord.ShardChanged(shard));
    }

    /** {@return the delta of all that changed, null when nothing did} */
    MetadataDelta seal() {
        if (records.isEmpty()) {
            return null;
        }
        final long from = state.version();
        state.advance();
        return new MetadataDelta(from, state.version(), List.copyOf(records));
    }

    static MetadataResult accept(final long value) {
        return new MetadataResult(MetadataErrors.NONE, null, value, 0);
    }

    static MetadataResult refuse(final short errorCode, final String message) {
        return new MetadataResult(errorCode, message, 0, 0);
    }
}
