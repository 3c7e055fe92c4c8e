package io.millrace.transport.kafka.codec;

import static java.nio.ByteOrder.BIG_ENDIAN;

import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * Answers ApiVersions in all its versions. Owned by the thread that uses it.
 *
 * <p>A version that is not served is answered in the layout of version 0 with error 35 and the range of ApiVersions
 * itself; clients come back with one of those. The response header never has tagged fields, whatever the version.
 */
public final class ApiVersionsCodec {
    private static final short UNSUPPORTED_VERSION = 35;
    private static final short INVALID_REQUEST = 42;
    private static final short REBOOTSTRAP_REQUIRED = 129;
    private static final int CLUSTER_CHECK_VERSION = 5;
    private static final byte[] FEATURES = Features.encode();

    private final WireReader reader = new WireReader();
    private final byte[] clusterId;
    private final int nodeId;

    /**
     * @param clusterId this cluster's id, null to believe whatever a client names
     * @param nodeId    this broker's id, -1 to believe whatever a client names
     */
    public ApiVersionsCodec(final String clusterId, final int nodeId) {
        this.clusterId = clusterId == null ? null : clusterId.getBytes(StandardCharsets.UTF_8);
        this.nodeId = nodeId;
    }

    /**
     * Decodes a request and encodes its answer.
     *
     * @param version of the request, also one that is not served
     * @param buffer  holds the request
     * @param index   of the body
     * @param length  of the body
     * @param target  takes the answer
     * @return end index of the answer in the target
     * @throws MalformedRequestException when the body of a served version is not well-formed
     */
    public int answer(
        final int version,
        final DirectBuffer buffer,
        final int index,
        final int length,
        final ReplyTarget target) {
        if (!ApiTable.isServed(ApiTable.API_VERSIONS, version)) {
            return encode(0, UNSUPPORTED_VERSION, target);
        }
        return encode(version, check(version, buffer, index, length), target);
    }

    private short check(final int version, final DirectBuffer buffer, final int index, final int length) {
        reader.wrap(buffer, index, length);
        if (version < ApiTable.API_VERSIONS_FLEXIBLE) {
            return 0;
        }
        reader.flexible(true);
        boolean valid = isValidName(buffer, reader.readString());
        valid &= isValidName(buffer, reader.readString());
        short error = 0;
        if (version >= CLUSTER_CHECK_VERSION) {
            final int clusterIdLength = reader.readNullableString();
            final boolean otherCluster = clusterIdLength >= 0 && clusterId != null &&
                !equal(buffer, reader.index() - clusterIdLength, clusterIdLength, clusterId);
            final int askedNodeId = reader.readInt();
            if (otherCluster || askedNodeId >= 0 && nodeId >= 0 && askedNodeId != nodeId) {
                error = REBOOTSTRAP_REQUIRED;
            }
        }
        reader.skipTaggedFields();
        return valid ? error : INVALID_REQUEST;
    }

    /** {@return whether the string just read is letters, digits, '-' and '.', and neither of those at its ends} */
    private boolean isValidName(final DirectBuffer buffer, final int length) {
        final int from = reader.index() - length;
        for (int i = 0; i < length; i++) {
            final byte c = buffer.getByte(from + i);
            final boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            final boolean inner = i > 0 && i < length - 1;
            if (!alphanumeric && !(inner && (c == '-' || c == '.'))) {
                return false;
            }
        }
        return length > 0;
    }

    private static boolean equal(final DirectBuffer buffer, final int index, final int length, final byte[] bytes) {
        if (length != bytes.length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(index + i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private static int encode(final int version, final short errorCode, final ReplyTarget target) {
        final boolean flexible = version >= ApiTable.API_VERSIONS_FLEXIBLE;
        final int count = errorCode == 0 ? ApiTable.count() : errorCode == UNSUPPORTED_VERSION ? 1 : 0;
        final MutableDirectBuffer out =
            target.ensureCapacity(ReplyTarget.BODY_INDEX + 32 + 7 * ApiTable.count() + FEATURES.length);
        int at = ReplyTarget.BODY_INDEX;
        out.putShort(at, errorCode, BIG_ENDIAN);
        at += Short.BYTES;
        if (flexible) {
            // a compact count fits one byte below 127
            out.putByte(at++, (byte) (count + 1));
        } else {
            out.putInt(at, count, BIG_ENDIAN);
            at += Integer.BYTES;
        }
        for (int i = 0; i < count; i++) {
            final short apiKey = errorCode == 0 ? ApiTable.apiKey(i) : ApiTable.API_VERSIONS;
            out.putShort(at, apiKey, BIG_ENDIAN);
            out.putShort(at + 2, ApiTable.minVersion(apiKey), BIG_ENDIAN);
            out.putShort(at + 4, ApiTable.maxVersion(apiKey), BIG_ENDIAN);
            at += 6;
            if (flexible) {
                out.putByte(at++, (byte) 0);
            }
        }
        if (version >= 1) {
            out.putInt(at, 0, BIG_ENDIAN);
            at += Integer.BYTES;
        }
        if (flexible && errorCode == 0) {
            out.putBytes(at, FEATURES);
            at += FEATURES.length;
        } else if (flexible) {
            out.putByte(at++, (byte) 0);
        }
        return at;
    }
}
