package io.millrace.broker.metadata;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** The metadata's bytes for adapters of the quorum, which carry them without looking inside. Stateless. */
public final class MetadataBytes {
    /** Longest encoded command. */
    public static final int MAX_COMMAND_LENGTH = CommandCodec.MAX_LENGTH;

    private static final int FROM_VERSION_FIELD_OFFSET = Byte.BYTES;
    private static final int TO_VERSION_FIELD_OFFSET = FROM_VERSION_FIELD_OFFSET + Long.BYTES;

    private MetadataBytes() {
    }

    /**
     * {@return a command's bytes, null when they are longer than {@link #MAX_COMMAND_LENGTH}}
     *
     * @param command to encode
     */
    public static byte[] encode(final MetadataCommand command) {
        final WireWriter writer = new WireWriter();
        CommandCodec.encode(writer, command);
        return writer.length() > MAX_COMMAND_LENGTH ? null : writer.toByteArray();
    }

    /**
     * {@return the answer to a command that cannot be encoded}
     *
     * @param command that is too long
     */
    public static MetadataResult refuseTooLong(final MetadataCommand command) {
        final WireWriter writer = new WireWriter();
        CommandCodec.encode(writer, command);
        return CommandCodec.tooLong(writer.length());
    }

    /**
     * {@return a result's bytes}
     *
     * @param result to encode
     */
    public static byte[] encode(final MetadataResult result) {
        return new WireWriter().writeShort(result.errorCode()).writeString(result.message())
            .writeLong(result.value()).writeLong(result.version()).toByteArray();
    }

    /**
     * {@return the result}
     *
     * @param buffer holds it
     * @param index  of its first byte
     * @param length of all
     * @throws MetadataFormatException when it is damaged
     */
    public static MetadataResult decodeResult(final DirectBuffer buffer, final int index, final int length) {
        final WireReader reader = new WireReader(buffer, index, length);
        return new MetadataResult(reader.readShort(), reader.readString(), reader.readLong(), reader.readLong());
    }

    /**
     * {@return the version a delta applies to, 0 for a snapshot}
     *
     * @param delta encoded
     */
    public static long fromVersion(final byte[] delta) {
        return new UnsafeBuffer(delta).getLong(FROM_VERSION_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return the version a delta leads to}
     *
     * @param delta encoded
     */
    public static long toVersion(final byte[] delta) {
        return new UnsafeBuffer(delta).getLong(TO_VERSION_FIELD_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return the image after these deltas}
     *
     * @param image  to start from
     * @param deltas encoded, in order, each continuing the one before or a snapshot
     * @throws MetadataFormatException when one is damaged or does not continue
     */
    public static MetadataImage follow(final MetadataImage image, final List<byte[]> deltas) {
        final List<MetadataDelta> decoded = new ArrayList<>(deltas.size());
        for (final byte[] delta : deltas) {
            decoded.add(MetadataDelta.decode(new UnsafeBuffer(delta), 0, delta.length));
        }
        return image.follow(decoded);
    }
}
