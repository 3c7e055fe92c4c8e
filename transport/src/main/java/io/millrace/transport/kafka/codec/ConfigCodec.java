package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.DescribeConfigs;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Configs of topics and brokers. Stateless, any thread;
 * {@link ColdMessages} has what all such codecs keep to.
 */
public final class ConfigCodec {
    private ConfigCodec() {
    }

    /**
     * {@return a decoded DescribeConfigs request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static DescribeConfigs.Request decodeDescribeConfigs(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final DescribeConfigsRequestData data =
            ColdMessages.decode(new DescribeConfigsRequestData(), version, buffer, index, length);
        final List<DescribeConfigs.RequestResource> resources = new ArrayList<>();
        data.resources().forEach(r -> resources.add(new DescribeConfigs.RequestResource(
            r.resourceType(), r.resourceName(),
            r.configurationKeys() == null ? null : List.copyOf(r.configurationKeys()))));
        return new DescribeConfigs.Request(resources, data.includeSynonyms(), data.includeDocumentation());
    }

    /**
     * {@return end index of an encoded DescribeConfigs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(final int version, final DescribeConfigs.Response response, final ReplyTarget target) {
        return ColdMessages.write(describeConfigs(version, response), version, target);
    }

    private static ApiMessage describeConfigs(final int version, final DescribeConfigs.Response response) {
        final DescribeConfigsResponseData data = new DescribeConfigsResponseData();
        for (final DescribeConfigs.ResponseResource resource : response.resources()) {
            final DescribeConfigsResponseData.DescribeConfigsResult out =
                new DescribeConfigsResponseData.DescribeConfigsResult()
                    .setErrorCode(resource.errorCode())
                    .setErrorMessage(resource.errorMessage())
                    .setResourceType(resource.type())
                    .setResourceName(resource.name());
            for (final DescribeConfigs.Config config : resource.configs()) {
                final DescribeConfigsResponseData.DescribeConfigsResourceResult entry =
                    new DescribeConfigsResponseData.DescribeConfigsResourceResult()
                        .setName(config.name())
                        .setValue(config.value())
                        .setReadOnly(config.readOnly())
                        .setConfigSource(config.source())
                        .setIsSensitive(config.sensitive());
                if (version >= 3) {
                    entry.setConfigType(config.type());
                }
                out.configs().add(entry);
            }
            data.results().add(out);
        }
        return data;
    }
}
