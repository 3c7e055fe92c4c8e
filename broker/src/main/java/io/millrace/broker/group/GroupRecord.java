package io.millrace.broker.group;

/**
 * One record of the offsets topic, in Kafka's own format of that topic.
 *
 * @param key   of the record
 * @param value null to take back what the key says
 */
public record GroupRecord(byte[] key, byte[] value) {
    /** {@return bytes of both} */
    public int length() {
        return key.length + (value == null ? 0 : value.length);
    }
}
