package io.millrace.transport.kafka.codec;

import org.agrona.DirectBuffer;

/**
 * Flyweight over the header of a request, versions 1 and 2. Owned by the thread that wraps it.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-------------------------------+-------------------------------+
 *  |            Api Key            |            Version            |
 *  +-------------------------------+-------------------------------+
 *  |                        Correlation Id                         |
 *  +-------------------------------+-------------------------------+
 *  |       Client Id Length        |  Client Id (UTF-8)           ...
 *  +-------------------------------+-------------------------------+
 *  |  Tagged fields, only when the request's version is flexible  ...
 *  +---------------------------------------------------------------+
 * </pre>
 */
public final class RequestHeader {
    private final WireReader reader = new WireReader();
    private short apiKey;
    private short apiVersion;
    private int correlationId;
    private int clientIdIndex;
    private int clientIdLength;
    private int bodyIndex;
    private int bodyLength;

    /**
     * Reads the header of a request. For APIs and versions that are not served only key, version and correlation id are
     * to be trusted; the rest is read as if the version were not flexible.
     *
     * @param buffer holds the request
     * @param index  of the api key, after the frame's length
     * @param length of the whole request without the frame's length field
     * @return this
     * @throws MalformedRequestException when the request ends inside the header
     */
    public RequestHeader wrap(final DirectBuffer buffer, final int index, final int length) {
        reader.wrap(buffer, index, length);
        apiKey = reader.readShort();
        apiVersion = reader.readShort();
        correlationId = reader.readInt();
        clientIdLength = reader.readNullableString();
        clientIdIndex = reader.index() - Math.max(clientIdLength, 0);
        if (ApiTable.isFlexible(apiKey, apiVersion)) {
            reader.flexible(true);
            reader.skipTaggedFields();
        }
        bodyIndex = reader.index();
        bodyLength = reader.remaining();
        return this;
    }

    /** {@return which request this is, see {@link ApiTable}} */
    public short apiKey() {
        return apiKey;
    }

    /** {@return version of the request's body} */
    public short apiVersion() {
        return apiVersion;
    }

    /** {@return the client's number for this request} */
    public int correlationId() {
        return correlationId;
    }

    /** {@return where the client id's UTF-8 bytes begin} */
    public int clientIdIndex() {
        return clientIdIndex;
    }

    /** {@return length of the client id, -1 for none} */
    public int clientIdLength() {
        return clientIdLength;
    }

    /** {@return index of the body's first byte} */
    public int bodyIndex() {
        return bodyIndex;
    }

    /** {@return length of the body} */
    public int bodyLength() {
        return bodyLength;
    }
}
