package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import io.millrace.engine.format.BatchDescriptor;
import io.millrace.engine.format.Checksums;
import org.agrona.DirectBuffer;

/**
 * Checks a client's record batch before it is admitted, as Kafka does, except for what is inside the compressed part.
 * Owned by the network thread.
 */
final class BatchValidator {
    private static final int CODEC_MASK = 0x07;
    private static final int CODEC_ZSTD = 4;
    private static final int LOG_APPEND_TIME_BIT = 0x08;
    private static final int TRANSACTIONAL_BIT = 0x10;
    private static final int CONTROL_BIT = 0x20;
    private static final int ZSTD_MIN_PRODUCE_VERSION = 7;

    private final Checksums checksums = new Checksums();

    /**
     * {@return 0 or a Kafka error number}
     *
     * @param version        of the Produce request
     * @param buffer         holds the records of one partition
     * @param index          of their first byte
     * @param length         of the records, -1 for null
     * @param maxBatchLength longest batch allowed
     */
    short check(
        final int version, final DirectBuffer buffer, final int index, final int length, final int maxBatchLength) {
        if (length < 0) {
            return ErrorCodes.INVALID_RECORD;
        }
        if (length < BatchDescriptor.HEADER_LENGTH) {
            return ErrorCodes.CORRUPT_MESSAGE;
        }
        if (BatchDescriptor.magic(buffer, index) != BatchDescriptor.MAGIC_V2) {
            return KafkaErrors.UNSUPPORTED_FOR_MESSAGE_FORMAT;
        }
        final int batchLength = BatchDescriptor.batchLength(buffer, index);
        if (batchLength < BatchDescriptor.HEADER_LENGTH - BatchDescriptor.LENGTH_OVERHEAD
            || batchLength > length - BatchDescriptor.LENGTH_OVERHEAD) {
            return ErrorCodes.CORRUPT_MESSAGE;
        }
        if (batchLength != length - BatchDescriptor.LENGTH_OVERHEAD) {
            return ErrorCodes.INVALID_RECORD; // more than one batch
        }
        if (length > maxBatchLength) {
            return ErrorCodes.MESSAGE_TOO_LARGE;
        }
        if (checksums.batchCrc(buffer, index, length) != BatchDescriptor.crc(buffer, index)) {
            return ErrorCodes.CORRUPT_MESSAGE;
        }
        return checkFields(version, buffer, index);
    }

    private static short checkFields(final int version, final DirectBuffer buffer, final int index) {
        final int attributes = BatchDescriptor.attributes(buffer, index);
        final int codec = attributes & CODEC_MASK;
        if (codec > CODEC_ZSTD || codec == CODEC_ZSTD && version < ZSTD_MIN_PRODUCE_VERSION) {
            return KafkaErrors.UNSUPPORTED_COMPRESSION_TYPE;
        }
        if ((attributes & LOG_APPEND_TIME_BIT) != 0) {
            return KafkaErrors.INVALID_TIMESTAMP;
        }
        final int count = BatchDescriptor.recordsCount(buffer, index);
        final boolean counted = count > 0 && BatchDescriptor.lastOffsetDelta(buffer, index) == count - 1;
        final boolean idempotent = BatchDescriptor.producerId(buffer, index) >= 0;
        final boolean sequenced = !idempotent || BatchDescriptor.baseSequence(buffer, index) >= 0
            && BatchDescriptor.producerEpoch(buffer, index) >= 0;
        // transactions are not supported: their markers would have to be written too
        final boolean plain = (attributes & (TRANSACTIONAL_BIT | CONTROL_BIT)) == 0;
        return counted && sequenced && plain && BatchDescriptor.baseOffset(buffer, index) == 0
            ? ErrorCodes.NONE : ErrorCodes.INVALID_RECORD;
    }
}
