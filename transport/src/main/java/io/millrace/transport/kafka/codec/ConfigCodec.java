package io.millrace.transport.kafka.codec;

import io.millrace.transport.kafka.message.AlterConfigs;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.message.ListConfigResources;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.ListConfigResourcesRequestData;
import org.apache.kafka.common.message.ListConfigResourcesResponseData;

/** Configs of topics and brokers. Stateless, any thread. */
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
     * {@return a decoded AlterConfigs request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static AlterConfigs.Request decodeAlterConfigs(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final AlterConfigsRequestData data =
            ColdMessages.decode(new AlterConfigsRequestData(), version, buffer, index, length);
        final List<AlterConfigs.RequestResource> resources = new ArrayList<>();
        data.resources().forEach(resource -> {
            final List<AlterConfigs.Change> changes = new ArrayList<>();
            resource.configs().forEach(config -> changes.add(
                new AlterConfigs.Change(config.name(), AlterConfigs.SET, config.value())));
            resources.add(new AlterConfigs.RequestResource(resource.resourceType(), resource.resourceName(), changes));
        });
        return new AlterConfigs.Request(resources, true, data.validateOnly());
    }

    /**
     * {@return a decoded IncrementalAlterConfigs request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static AlterConfigs.Request decodeIncrementalAlterConfigs(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final IncrementalAlterConfigsRequestData data =
            ColdMessages.decode(new IncrementalAlterConfigsRequestData(), version, buffer, index, length);
        final List<AlterConfigs.RequestResource> resources = new ArrayList<>();
        data.resources().forEach(resource -> {
            final List<AlterConfigs.Change> changes = new ArrayList<>();
            resource.configs().forEach(config -> changes.add(
                new AlterConfigs.Change(config.name(), config.configOperation(), config.value())));
            resources.add(new AlterConfigs.RequestResource(resource.resourceType(), resource.resourceName(), changes));
        });
        return new AlterConfigs.Request(resources, false, data.validateOnly());
    }

    /**
     * {@return a decoded ListConfigResources request}
     *
     * @param version of the request
     * @param buffer  holds it
     * @param index   of the body
     * @param length  of the body
     */
    public static ListConfigResources.Request decodeListConfigResources(
        final int version, final DirectBuffer buffer, final int index, final int length) {
        final ListConfigResourcesRequestData data =
            ColdMessages.decode(new ListConfigResourcesRequestData(), version, buffer, index, length);
        // version 0 knows of client metrics only
        return new ListConfigResources.Request(
            version == 0 ? List.of(ListConfigResources.CLIENT_METRICS) : List.copyOf(data.resourceTypes()));
    }

    /**
     * {@return end index of an encoded DescribeConfigs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final DescribeConfigs.Response response, final ReplyTarget target) {
        final DescribeConfigsResponseData data = new DescribeConfigsResponseData();
        for (final DescribeConfigs.ResponseResource resource : response.resources()) {
            final DescribeConfigsResponseData.DescribeConfigsResult out =
                new DescribeConfigsResponseData.DescribeConfigsResult()
                    .setErrorCode(resource.errorCode())
                    .setErrorMessage(resource.errorMessage())
                    .setResourceType(resource.type())
                    .setResourceName(resource.name());
            for (final DescribeConfigs.Config config : resource.configs()) {
                out.configs().add(config(config));
            }
            data.results().add(out);
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded AlterConfigs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final AlterConfigs.Response response, final ReplyTarget target) {
        final AlterConfigsResponseData data = new AlterConfigsResponseData();
        for (final AlterConfigs.ResponseResource resource : response.resources()) {
            data.responses().add(new AlterConfigsResponseData.AlterConfigsResourceResponse()
                .setErrorCode(resource.errorCode())
                .setErrorMessage(resource.errorMessage())
                .setResourceType(resource.type())
                .setResourceName(resource.name()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded IncrementalAlterConfigs response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encodeIncrementalAlterConfigs(
        final int version, final AlterConfigs.Response response, final ReplyTarget target) {
        final IncrementalAlterConfigsResponseData data = new IncrementalAlterConfigsResponseData();
        for (final AlterConfigs.ResponseResource resource : response.resources()) {
            data.responses().add(new IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse()
                .setErrorCode(resource.errorCode())
                .setErrorMessage(resource.errorMessage())
                .setResourceType(resource.type())
                .setResourceName(resource.name()));
        }
        return ColdMessages.write(data, version, target);
    }

    /**
     * {@return end index of an encoded ListConfigResources response}
     *
     * @param version  of the request
     * @param response to encode
     * @param target   takes it
     */
    public static int encode(
        final int version, final ListConfigResources.Response response, final ReplyTarget target) {
        final ListConfigResourcesResponseData data = new ListConfigResourcesResponseData();
        for (final ListConfigResources.Resource resource : response.resources()) {
            data.configResources().add(new ListConfigResourcesResponseData.ConfigResource()
                .setResourceType(resource.type()).setResourceName(resource.name()));
        }
        return ColdMessages.write(data, version, target);
    }

    private static DescribeConfigsResponseData.DescribeConfigsResourceResult config(
        final DescribeConfigs.Config config) {
        final DescribeConfigsResponseData.DescribeConfigsResourceResult out =
            new DescribeConfigsResponseData.DescribeConfigsResourceResult()
                .setName(config.name())
                .setValue(config.value())
                .setReadOnly(config.readOnly())
                .setConfigSource(config.source())
                .setIsSensitive(config.sensitive())
                .setConfigType(config.type())
                .setDocumentation(config.documentation());
        for (final DescribeConfigs.Synonym synonym : config.synonyms()) {
            out.synonyms().add(new DescribeConfigsResponseData.DescribeConfigsSynonym()
                .setName(synonym.name()).setValue(synonym.value()).setSource(synonym.source()));
        }
        return out;
    }
}
