package io.millrace.transport.kafka.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiVersionsCodecTest {
    private final ApiVersionsCodec codec = new ApiVersionsCodec("cluster-1", 2);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldListWhatIsServedInEveryVersion(final int version) throws IOException {
        final ApiVersionsResponseData response = answer(version, request("kafka-java.x", "4.4.0"));
        assertEquals(0, response.errorCode());
        assertEquals(ApiTable.count(), response.apiKeys().size());
        final var produce = response.apiKeys().find(ApiTable.PRODUCE);
        assertEquals(0, produce.minVersion());
        assertEquals(13, produce.maxVersion());
        final var fetch = response.apiKeys().find(ApiTable.FETCH);
        assertEquals(4, fetch.minVersion());
        assertEquals(18, fetch.maxVersion());
        assertNull(response.apiKeys().find((short) 24), "transactions are not served");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldTellFeaturesWhereThereIsAPlaceForThem(final int version) throws IOException {
        final ApiVersionsResponseData response = answer(version, request("kafka-java.x", "4.4.0"));
        if (version < 3) {
            assertTrue(response.supportedFeatures().isEmpty());
            return;
        }
        assertEquals(0, response.finalizedFeaturesEpoch());
        assertEquals(2, response.supportedFeatures().size());
        assertEquals(1, response.supportedFeatures().find("group.version").minVersion());
        assertEquals(1, response.supportedFeatures().find("group.version").maxVersion());
        assertEquals(2, response.finalizedFeatures().size());
        assertEquals(1, response.finalizedFeatures().find("group.version").maxVersionLevel());
        assertEquals(25, response.finalizedFeatures().find("metadata.version").maxVersionLevel());
        assertEquals(25, response.finalizedFeatures().find("metadata.version").minVersionLevel());
    }

    @Test
    void shouldTellNoFeaturesToAClientThatIsRefused() throws IOException {
        final ApiVersionsResponseData response = answer(3, request("", "1"));
        assertTrue(response.finalizedFeatures().isEmpty());
        assertEquals(-1, response.finalizedFeaturesEpoch());
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 100, 32_767, -1})
    void shouldAnswerInVersionZeroWhenTheVersionIsNotServed(final int version) throws IOException {
        final ArrayReplyTarget target = new ArrayReplyTarget();
        final int end = codec.answer(version, new UnsafeBuffer(new byte[]{1, 2, 3}), 0, 3, target);
        final ByteBufferAccessor body = new ByteBufferAccessor(target.body(end));
        final ApiVersionsResponseData response = new ApiVersionsResponseData(body, (short) 0);
        assertEquals(0, body.remaining());
        assertEquals(35, response.errorCode());
        assertEquals(1, response.apiKeys().size());
        assertEquals(5, response.apiKeys().find(ApiTable.API_VERSIONS).maxVersion());
    }

    @ParameterizedTest
    @CsvSource({"'', 1, 42", "-a, 1, 42", "a-, 1, 42", "a b, 1, 42", "a, .1, 42", "a, 1.0-x, 0", "a, 1, 0"})
    void shouldCheckTheSoftwareNames(final String name, final String softwareVersion, final int error)
        throws IOException {
        assertEquals(error, answer(3, request(name, softwareVersion)).errorCode());
    }

    @ParameterizedTest
    @CsvSource({"cluster-1, 2, 0", "cluster-1, -1, 0", ", -1, 0", "cluster-2, 2, 129", "cluster-1, 3, 129"})
    void shouldRefuseAClientOfAnotherCluster(final String clusterId, final int nodeId, final int error)
        throws IOException {
        assertEquals(error, answer(5, request("a", "1").setClusterId(clusterId).setNodeId(nodeId)).errorCode());
    }

    @Test
    void shouldRefuseWithOurExceptionWhenCutOffAtAnyByte() {
        final byte[] bytes = Fuzz.encode(request("kafka", "4").setClusterId("x").setNodeId(1), 5);
        for (int length = 0; length < bytes.length; length++) {
            final int cut = length;
            assertThrows(MalformedRequestException.class,
                () -> codec.answer(5, Fuzz.surrounded(bytes, 1), 1, cut, new ArrayReplyTarget()));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 3, 5})
    void shouldReadTheHeaderKafkaWroteInEveryVersion(final int version) {
        final RequestHeaderData header = new RequestHeaderData().setRequestApiKey(ApiTable.API_VERSIONS)
            .setRequestApiVersion((short) version).setCorrelationId(77).setClientId("clïent");
        final byte[] head = Fuzz.encode(header, version >= 3 ? 2 : 1);
        final byte[] body = Fuzz.encode(request("a", "1"), version);
        final byte[] all = new byte[head.length + body.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        final UnsafeBuffer buffer = Fuzz.surrounded(all, 4);
        final RequestHeader read = new RequestHeader().wrap(buffer, 4, all.length);
        assertEquals(ApiTable.API_VERSIONS, read.apiKey());
        assertEquals(version, read.apiVersion());
        assertEquals(77, read.correlationId());
        assertEquals("clïent", buffer.getStringWithoutLengthUtf8(read.clientIdIndex(), read.clientIdLength()));
        assertEquals(4 + head.length, read.bodyIndex());
        assertEquals(body.length, read.bodyLength());
        for (int length = 0; length < head.length; length++) {
            final int cut = length;
            assertThrows(MalformedRequestException.class, () -> new RequestHeader().wrap(buffer, 4, cut));
        }
    }

    private static ApiVersionsRequestData request(final String name, final String version) {
        return new ApiVersionsRequestData().setClientSoftwareName(name).setClientSoftwareVersion(version);
    }

    private ApiVersionsResponseData answer(final int version, final ApiVersionsRequestData request)
        throws IOException {
        final byte[] bytes = Fuzz.encode(request, version);
        final ArrayReplyTarget target = new ArrayReplyTarget();
        final int end = codec.answer(version, Fuzz.surrounded(bytes, 9), 9, bytes.length, target);
        final ByteBufferAccessor body = new ByteBufferAccessor(target.body(end));
        final ApiVersionsResponseData response = new ApiVersionsResponseData(body, (short) version);
        assertEquals(0, body.remaining());
        return response;
    }
}
