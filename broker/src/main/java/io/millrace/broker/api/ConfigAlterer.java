package io.millrace.broker.api;

import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.message.AlterConfigs;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * AlterConfigs and IncrementalAlterConfigs: the quorum decides, and its image brings the change to every broker. Owned
 * by the network thread.
 */
final class ConfigAlterer {
    private static final int TIMEOUT_MS = 30_000;

    private final QuorumCaller quorum;

    ConfigAlterer(final QuorumCaller quorum) {
        this.quorum = quorum;
    }

    void replace(final AlterConfigs.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        alter(request, slot, nowNs, (answers) ->
            slot.complete(ConfigCodec.encode(version, new AlterConfigs.Response(answers), slot)));
    }

    void change(final AlterConfigs.Request request, final ReplySlot slot, final long nowNs) {
        final int version = slot.apiVersion();
        alter(request, slot, nowNs, (answers) -> slot.complete(
            ConfigCodec.encodeIncrementalAlterConfigs(version, new AlterConfigs.Response(answers), slot)));
    }

    private void alter(final AlterConfigs.Request request, final ReplySlot slot, final long nowNs,
        final Consumer<List<AlterConfigs.ResponseResource>> reply) {
        final List<AlterConfigs.RequestResource> resources = request.resources();
        final Gathering<AlterConfigs.ResponseResource> gathering = Gathering.attach(slot, resources.size(),
            TIMEOUT_MS, nowNs, (entry) -> answer(resources.get(entry), MetadataErrors.REQUEST_TIMED_OUT,
                "the metadata quorum did not answer in time"), reply);
        final Set<String> seen = new HashSet<>();
        for (int i = 0; i < resources.size(); i++) {
            final int entry = i;
            final AlterConfigs.RequestResource resource = resources.get(i);
            final Map<String, String> sets = new LinkedHashMap<>();
            final List<String> removes = new ArrayList<>();
            String error = seen.add(resource.type() + ":" + resource.name()) ? null : "a resource is named twice";
            error = error == null ? collect(resource, sets, removes) : error;
            final MetadataCommand command = error == null ? command(request, resource, sets, removes) : null;
            if (command == null) {
                gathering.answer(entry, answer(resource, KafkaErrors.INVALID_REQUEST, error != null ? error
                    : "configs of resource type " + resource.type() + " named '" + resource.name()
                        + "' cannot be altered, only of topics (2) and brokers (4, by id, or without a name for all)"));
            } else {
                quorum.call(command, (result) ->
                    gathering.answer(entry, answer(resource, result.errorCode(), result.message())));
            }
        }
        gathering.completeIfDone();
    }

    /** {@return null, or what is wrong with the request} */
    private static String collect(
        final AlterConfigs.RequestResource resource, final Map<String, String> sets, final List<String> removes) {
        final Set<String> names = new HashSet<>();
        for (final AlterConfigs.Change change : resource.changes()) {
            if (!names.add(change.name())) {
                return "config is named twice: " + change.name();
            }
            // lists are there only with one possible value, so adding to one is as good as setting it
            final boolean isSet = change.operation() == AlterConfigs.SET || change.operation() == AlterConfigs.APPEND;
            if (isSet && change.value() == null) {
                return "config has no value: " + change.name() + "; to go back to the default, delete it";
            }
            if (isSet) {
                sets.put(change.name(), change.value());
            } else if (change.operation() == AlterConfigs.DELETE) {
                removes.add(change.name());
            } else {
                return "operation " + change.operation() + " on config " + change.name()
                    + " is not supported: 0 sets, 1 deletes, 2 appends";
            }
        }
        return null;
    }

    private static MetadataCommand command(final AlterConfigs.Request request,
        final AlterConfigs.RequestResource resource, final Map<String, String> sets, final List<String> removes) {
        if (resource.type() == DescribeConfigs.TOPIC) {
            return new MetadataCommand.AlterTopicConfig(
                resource.name(), sets, removes, request.replaces(), request.validateOnly());
        }
        if (resource.type() != DescribeConfigs.BROKER) {
            return null;
        }
        try {
            return new MetadataCommand.AlterBrokerConfig(resource.name().isEmpty()
                ? MetadataCommand.AlterBrokerConfig.ALL_BROKERS : Integer.parseUnsignedInt(resource.name()), sets,
                removes, request.replaces(), request.validateOnly());
        } catch (final NumberFormatException ex) {
            return null;
        }
    }

    private static AlterConfigs.ResponseResource answer(
        final AlterConfigs.RequestResource resource, final short errorCode, final String message) {
        return new AlterConfigs.ResponseResource(errorCode, message, resource.type(), resource.name());
    }
}
