package io.millrace.targets.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.targets.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RespTest {
    @ParameterizedTest
    @ValueSource(strings = {
        "+OK\r\n", "-ERR no\r\n", ":-12\r\n", "$5\r\nhello\r\n", "$0\r\n\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n",
        "*2\r\n$1\r\na\r\n*2\r\n:1\r\n$2\r\nxy\r\n"})
    void shouldFindTheEndOfAReplyOnlyWhenItHasArrivedAsAWhole(final String reply) {
        final byte[] bytes = (reply + "+NEXT\r\n").getBytes(StandardCharsets.ISO_8859_1);
        for (int arrived = 0; arrived <= bytes.length; arrived++) {
            final ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, arrived);
            assertEquals(arrived < reply.length() ? -1 : reply.length(), Resp.end(buffer, 0), reply + " " + arrived);
        }
    }

    @Test
    void shouldReadNumbersAndTextsWhenTheyStandInAReply() {
        final ByteBuffer buffer = ByteBuffer.wrap("*2\r\n:-42\r\n$3\r\nabc\r\n".getBytes(StandardCharsets.ISO_8859_1));
        assertEquals(2, Resp.number(buffer, 1));
        final int first = Resp.afterLine(buffer, 0);
        assertEquals("-42", Resp.text(buffer, first));
        assertEquals("abc", Resp.text(buffer, Resp.end(buffer, first)));
    }

    @Test
    void shouldRefuseAReplyWhenItClaimsTooManyElementsOrIsNone() {
        for (final String reply : new String[] {"*999999999\r\n", "?what\r\n"}) {
            final ByteBuffer buffer = ByteBuffer.wrap(reply.getBytes(StandardCharsets.ISO_8859_1));
            assertThrows(Wire.WireException.class, () -> Resp.end(buffer, 0), reply);
        }
    }
}
