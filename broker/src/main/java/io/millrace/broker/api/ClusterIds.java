package io.millrace.broker.api;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.UUID;

/** Cluster ids as Kafka writes them: a UUID in URL-safe base 64 without padding. Stateless. */
public final class ClusterIds {
    private ClusterIds() {
    }

    /**
     * {@return the text of an id}
     *
     * @param id of the cluster
     */
    public static String toText(final UUID id) {
        final ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }
}
