package io.millrace.broker.api;

import io.millrace.transport.kafka.codec.NodeEndpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * Where to reach the leaders that one reply names, so that a client which asked the wrong broker need not ask for the
 * metadata first (KIP-951). Owned by the network thread.
 */
final class LeaderEndpoints {
    private final TopicDirectory topics;
    private final List<NodeEndpoint> endpoints = new ArrayList<>();

    LeaderEndpoints(final TopicDirectory topics) {
        this.topics = topics;
    }

    void clear() {
        endpoints.clear();
    }

    /** Adds a broker once. */
    void add(final int brokerId) {
        for (int i = 0; i < endpoints.size(); i++) {
            if (endpoints.get(i).nodeId() == brokerId) {
                return;
            }
        }
        final NodeEndpoint endpoint = topics.endpoint(brokerId);
        if (endpoint != null) {
            endpoints.add(endpoint);
        }
    }

    List<NodeEndpoint> list() {
        return endpoints;
    }
}
