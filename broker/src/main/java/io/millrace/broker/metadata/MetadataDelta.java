package io.millrace.broker.metadata;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * What leads from one version to another. From version 0 it is a snapshot: it starts from nothing.
 *
 * <pre>
 * byte format | long fromVersion | long toVersion | int record count | records, each: byte type, fields
 * </pre>
 *
 * @param fromVersion the version it applies to
 * @param toVersion   the version it gives
 * @param records     in order
 */
record MetadataDelta(long fromVersion, long toVersion, List<MetadataRecord> records) {
    static final byte FORMAT = 3;
    /** Of a snapshot. */
    static final long FROM_NOTHING = 0;

    private static final int MIN_RECORD_LENGTH = 1;

    void encode(final WireWriter writer) {
        writer.writeByte(FORMAT).writeLong(fromVersion).writeLong(toVersion).writeInt(records.size());
        records.forEach(record -> RecordCodec.write(writer, record));
    }

    static MetadataDelta decode(final DirectBuffer buffer, final int index, final int length) {
        final WireReader reader = new WireReader(buffer, index, length);
        final byte format = reader.readByte();
        if (format != FORMAT) {
            throw new MetadataFormatException(
                "metadata format " + format + " is not understood, only " + FORMAT
                    + ": run the version of millrace that wrote it");
        }
        final long fromVersion = reader.readLong();
        final long toVersion = reader.readLong();
        if (fromVersion < 0 || toVersion < fromVersion) {
            throw new MetadataFormatException("versions run backwards: from=" + fromVersion + " to=" + toVersion);
        }
        final int count = reader.readCount(MIN_RECORD_LENGTH);
        final List<MetadataRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(RecordCodec.read(reader));
        }
        if (reader.remaining() != 0) {
            throw new MetadataFormatException("bytes left after the last record: " + reader.remaining());
        }
        return new MetadataDelta(fromVersion, toVersion, records);
    }
}
