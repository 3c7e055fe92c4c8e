package io.millrace.broker.metadata;

import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The state machine behind bytes, for an adapter that replicates it, and for simulations: what it is told, in this
 * order and at these times, is all that its state and its answers depend on. Owned by the adapter's service thread.
 *
 * <p>A simulation applies commands in sessions of its own numbering, closes a session when it holds the broker for
 * dead, hands the deltas on whenever and to whomever it likes ({@link MetadataBytes#follow} turns them into images, and
 * {@link #snapshot} serves who missed some), and restarts the authority by {@link #restore}.
 */
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
     * @param nowMs     time of the quorum, the same on every replica
     */
    public Outcome apply(
        final DirectBuffer buffer, final int index, final int length, final long sessionId, final long nowMs) {
        final MetadataCommand command;
        try {
            command = CommandCodec.decode(buffer, index, length);
        } catch (final MetadataFormatException ex) {
            return new Outcome(
                new MetadataResult(MetadataErrors.INVALID_REQUEST, ex.getMessage(), 0, version()), null);
        }
        final MetadataStateMachine.Outcome outcome = machine.apply(command, sessionId, nowMs);
        return new Outcome(outcome.result(), encode(outcome.delta()));
    }

    /**
     * {@return what a command led to, through its bytes}
     *
     * @param command   to be decided
     * @param sessionId it came in
     * @param nowMs     time of the quorum
     */
    public Outcome apply(final MetadataCommand command, final long sessionId, final long nowMs) {
        final byte[] bytes = MetadataBytes.encode(command);
        return bytes == null ? new Outcome(MetadataBytes.refuseTooLong(command), null)
            : apply(new UnsafeBuffer(bytes), 0, bytes.length, sessionId, nowMs);
    }

    /**
     * {@return the encoded delta of fencing whoever registered in this session, null when nobody did}
     *
     * @param sessionId closed
     * @param nowMs     time of the quorum, the same on every replica
     */
    public byte[] closeSession(final long sessionId, final long nowMs) {
        return encode(machine.closeSession(sessionId, nowMs));
    }

    /**
     * {@return the encoded delta of what a change of the quorum's leader means, null when nothing: times of one leader
     * say nothing to those of another}
     *
     * @param nowMs time of the new leader, the same on every replica
     */
    public byte[] newTerm(final long nowMs) {
        return encode(machine.newTerm(nowMs));
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
