package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/** Walks the ranges of an ApiVersions response, version 0, in place. Owned by the thread that wraps it. */
public final class ApiVersionsCursor {
    private final WireReader reader = new WireReader();
    private short errorCode;
    private int left;
    private short apiKey;
    private short minVersion;
    private short maxVersion;

    /**
     * Stands before the first range.
     *
     * @param buffer holds the response
     * @param index  of the body
     * @param length of the body
     * @return this
     */
    public ApiVersionsCursor wrap(final DirectBuffer buffer, final int index, final int length) {
        reader.wrap(buffer, index, length);
        errorCode = reader.readShort();
        left = reader.readArrayCount(3 * Short.BYTES);
        return this;
    }

    /** {@return whether there is a next range; the cursor then stands on it} */
    public boolean next() {
        if (left == 0) {
            return false;
        }
        left--;
        apiKey = reader.readShort();
        minVersion = reader.readShort();
        maxVersion = reader.readShort();
        return true;
    }

    /** {@return 0, or the number of a Kafka error} */
    public short errorCode() {
        return errorCode;
    }

    /** {@return the API of the present range} */
    public short apiKey() {
        return apiKey;
    }

    /** {@return lowest version the broker advertises} */
    public short minVersion() {
        return minVersion;
    }

    /** {@return highest version the broker advertises} */
    public short maxVersion() {
        return maxVersion;
    }
}
