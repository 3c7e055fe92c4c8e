package io.millrace.broker.api;

import io.millrace.engine.ErrorCodes;
import org.agrona.DirectBuffer;

/** The produce path's own check of a record batch, its CRC32C included. Owned by the thread that produces. */
public final class ProduceCheck {
    private static final int PRODUCE_VERSION = 11;

    private final BatchValidator validator = new BatchValidator();

    /**
     * {@return whether the broker would take this batch}
     *
     * @param buffer         holds the batch
     * @param index          of its first byte
     * @param length         of the whole batch
     * @param maxBatchLength longest batch allowed
     */
    public boolean isGood(
        final DirectBuffer buffer, final int index, final int length, final int maxBatchLength) {
        return validator.check(PRODUCE_VERSION, buffer, index, length, maxBatchLength) == ErrorCodes.NONE;
    }
}
