package io.millrace.broker.group;

/** Takes the records that keep what was decided; in this order they bring it back. */
@FunctionalInterface
public interface RecordSink {
    /**
     * Takes one record.
     *
     * @param record to be kept
     */
    void append(GroupRecord record);
}
