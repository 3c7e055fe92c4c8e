package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.codec.ApiTable;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is not advertised ends the connection, as in Kafka; only ApiVersions answers with its own range. */
@Timeout(300)
class NotServedTest {
    private record Request(ApiKeys api, int version) {
    }

    private static List<Request> notServed() {
        final List<Request> requests = new ArrayList<>();
        for (final ApiKeys api : ApiKeys.values()) {
            if (api == ApiKeys.API_VERSIONS) {
                continue; // answered in every version
            }
            if (!ApiTable.isAdvertised(api.id)) {
                requests.add(new Request(api, api.latestVersion()));
            } else {
                requests.add(new Request(api, ApiTable.maxVersion(api.id) + 1));
                requests.add(new Request(api, -1));
            }
        }
        return requests;
    }

    @Test
    void shouldCloseTheConnectionWhenAnApiOrVersionIsNotAdvertised() throws IOException {
        try (ServerHarness server = new ServerHarness(ServerHarness.context())) {
            final List<Request> requests = notServed();
            assertTrue(requests.size() > 60, "Kafka has more than we serve: " + requests);
            for (final Request request : requests) {
                final Socket socket = server.socket();
                socket.getOutputStream().write(ByteBuffer.allocate(14).putInt(10).putShort(request.api().id)
                    .putShort((short) request.version()).putInt(1).putShort((short) -1).array());
                assertEquals(-1, socket.getInputStream().read(), request.toString());
                socket.close();
            }
        }
    }

    @Test
    void shouldServeOnlyWhatKafkaHasInVersionsThatItHas() {
        for (int row = 0; row < ApiTable.count(); row++) {
            final ApiKeys api = ApiKeys.forId(ApiTable.apiKey(row));
            assertTrue(ApiTable.maxVersion(api.id) <= api.latestVersion(false), api + " has no such version");
            assertTrue(ApiTable.minVersion(api.id) <= api.oldestVersion(), api + " is not there for old clients");
        }
    }
}
