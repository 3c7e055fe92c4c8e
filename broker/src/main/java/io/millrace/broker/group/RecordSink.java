package io.millrace.broker.group;

import java.util.List;

/** Takes the records that keep what was decided; in this order they bring it back. */
@FunctionalInterface
public interface RecordSink {
    /**
     * Takes one record.
     *
     * @param record to be kept
     */
    void append(GroupRecord record);

    /**
     * Takes records of which none or all are to be kept.
     *
     * @param records to be kept
     */
    default void appendAll(final List<GroupRecord> records) {
        records.forEach(this::append);
    }

    /**
     * {@return bytes that records may have which are kept together; a record that is longer can never be kept}
     *
     * @param count of the records
     */
    default long maxLength(final int count) {
        return Long.MAX_VALUE;
    }

    /** {@return a number that what was taken last has; it is not greater than those of what is taken later} */
    default long number() {
        return 0;
    }
}
