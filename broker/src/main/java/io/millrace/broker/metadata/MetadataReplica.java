package io.millrace.broker.metadata;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The state machine behind bytes, for an adapter that replicates it. Owned by the adapter's service thread. */
public final class MetadataReplica {
    private final MetadataStateMachine machine = new MetadataStateMachine();
    private final WireWriter writer = new WireWriter();

    /**
     * What a command led to.
     *
     * @param result for whoever asked
     * @param delta  encoded; null when nothing changed
     */
    public record Outcome(MetadataResult result, byte[] delta) {
    }

    /** {@return the version of the state} */
    public long version() {
        return machine.state().version();
    }

    /**
     * {@return what an encoded command led to; one that is not understood is refused}
     *
     * @param buffer    holds the command
     * @param index     of its first byte
     * @param length    of all
     * @param sessionId it came in
     */
    public Outcome apply(final DirectBuffer buffer, final int index, final int length, final long sessionId) {
        final MetadataCommand command;
        try {
            command = CommandCodec.decode(buffer, index, length);
        } catch (final MetadataFormatException ex) {
            return new Outcome(
                new MetadataResult(MetadataErrors.INVALID_REQUEST, ex.getMessage(), 0, version()), null);
        }
        final MetadataStateMachine.Outcome outcome = machine.apply(command, sessionId);
        return new Outcome(outcome.result(), encode(outcome.delta()));
    }

    /**
     * {@return the encoded delta of fencing whoever registered in this session, null when nobody did}
     *
     * @param sessionId closed
     */
    public byte[] closeSession(final long sessionId) {
        return encode(machine.closeSession(sessionId));
    }

    /** {@return the whole state, as an encoded delta from nothing} */
    public byte[] snapshot() {
        return encode(machine.state().snapshot());
    }

    /**
     * Takes over a snapshot; only before the first command.
     *
     * @param snapshot encoded
     * @throws MetadataFormatException when it is damaged
     */
    public void restore(final byte[] snapshot) {
        machine.state().apply(MetadataDelta.decode(new UnsafeBuffer(snapshot), 0, snapshot.length));
    }

    private byte[] encode(final MetadataDelta delta) {
        if (delta == null) {
            return null;
        }
        delta.encode(writer.reset());
        return writer.toByteArray();
    }
}
