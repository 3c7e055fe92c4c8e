package io.millrace.broker.api;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.MalformedRequestException;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.function.BiConsumer;
import org.agrona.DirectBuffer;

/** Which decoder and which handler belong to a cold API. Owned by the network thread. */
final class ColdRoutes {
    private final Route[] routes = new Route[ApiTable.API_KEY_LIMIT];

    /** A method of a codec class. */
    @FunctionalInterface
    interface Decoder<T> {
        T decode(int version, DirectBuffer buffer, int index, int length);
    }

    private interface Route {
        void handle(DirectBuffer buffer, int index, int length, ReplySlot slot);
    }

    <T> void add(final short apiKey, final Decoder<T> decoder, final BiConsumer<T, ReplySlot> handler) {
        if (routes[apiKey] != null) {
            throw new IllegalStateException("two handlers for one API: " + ApiTable.name(apiKey));
        }
        routes[apiKey] = (buffer, index, length, slot) ->
            handler.accept(decoder.decode(slot.apiVersion(), buffer, index, length), slot);
    }

    boolean isServed(final short apiKey) {
        return routes[apiKey] != null;
    }

    void handle(final DirectBuffer buffer, final int index, final int length, final ReplySlot slot) {
        final short apiKey = slot.apiKey();
        if (apiKey < 0 || apiKey >= routes.length || routes[apiKey] == null) {
            throw new MalformedRequestException("not served: " + ApiTable.name(apiKey));
        }
        routes[apiKey].handle(buffer, index, length, slot);
    }
}
