package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.TopicConfigs;
import io.millrace.transport.kafka.codec.ConfigCodec;
import io.millrace.transport.kafka.message.AlterConfigs;
import io.millrace.transport.kafka.message.DescribeConfigs;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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

    private final BrokerConfig config;
    private final QuorumCaller quorum;

    ConfigAlterer(final BrokerConfig config, final QuorumCaller quorum) {
        this.config = config;
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
            final AlterConfigs.ResponseResource refusal = seen.add(resource.type() + ":" + resource.name())
                ? check(resource, sets, removes) : invalid(resource, "a resource is named twice");
            final MetadataCommand command = refusal == null ? command(request, resource, sets, removes) : null;
            if (refusal != null) {
                gathering.answer(entry, refusal);
            } else if (command == null) {
                gathering.answer(entry, invalid(resource,
                    "configs of resource type " + resource.type() + " named '" + resource.name()
                        + "' cannot be altered, only of topics (2) and brokers (4, by id, or without a name for all)"));
            } else {
                quorum.call(command, (result) ->
                    gathering.answer(entry, answer(resource, result.errorCode(), result.message())));
            }
        }
        gathering.completeIfDone();
    }

    private AlterConfigs.ResponseResource check(
        final AlterConfigs.RequestResource resource, final Map<String, String> sets, final List<String> removes) {
        final AlterConfigs.ResponseResource refusal = collect(resource, sets, removes);
        for (final Map.Entry<String, String> set : sets.entrySet()) {
            // the quorum knows nothing of rings, so the asked node speaks for all
            final String error = refusal == null ? config.checkBatchLimit(set.getKey(), set.getValue()) : null;
            if (error != null) {
                return answer(resource, MetadataErrors.INVALID_CONFIG, error);
            }
        }
        return refusal;
    }

    /** {@return null, or the answer that says what is wrong with the request} */
    private static AlterConfigs.ResponseResource collect(
        final AlterConfigs.RequestResource resource, final Map<String, String> sets, final List<String> removes) {
        final Set<String> names = new HashSet<>();
        for (final AlterConfigs.Change change : resource.changes()) {
            if (!names.add(change.name())) {
                return invalid(resource, "config is named twice: " + change.name());
            }
            if (change.operation() < AlterConfigs.SET || change.operation() > AlterConfigs.SUBTRACT) {
                return invalid(resource, "operation " + change.operation() + " on config " + change.name()
                    + " is not there: 0 sets, 1 deletes, 2 appends, 3 subtracts");
            }
            if (change.operation() == AlterConfigs.DELETE) {
                removes.add(change.name());
                continue;
            }
            if (change.value() == null) {
                return invalid(resource,
                    "config has no value: " + change.name() + "; to go back to the default, delete it");
            }
            if (change.operation() == AlterConfigs.SET) {
                sets.put(change.name(), change.value());
                continue;
            }
            final TopicConfigs.Key list = list(resource, change.name());
            if (list == null) {
                return answer(resource, MetadataErrors.INVALID_CONFIG, "Can't "
                    + (change.operation() == AlterConfigs.APPEND ? "APPEND to" : "SUBTRACT from") + " key "
                    + change.name() + " because its type is not LIST: set it");
            }
            sets.put(change.name(), changed(list.defaultText(), change));
        }
        return null;
    }

    /** {@return the config if it is a list; all of those have only one possible value, which is their default} */
    private static TopicConfigs.Key list(final AlterConfigs.RequestResource resource, final String name) {
        final TopicConfigs.Key key = resource.type() == DescribeConfigs.TOPIC ? TopicConfigs.find(name) : null;
        return key != null && key.type() == TopicConfigs.Type.LIST ? key : null;
    }

    private static String changed(final String list, final AlterConfigs.Change change) {
        final Set<String> parts = new LinkedHashSet<>(List.of(list.split(",")));
        final List<String> named = List.of(change.value().split(","));
        if (change.operation() == AlterConfigs.APPEND) {
            parts.addAll(named);
        } else {
            parts.removeAll(named);
        }
        return String.join(",", parts);
    }

    private static AlterConfigs.ResponseResource invalid(
        final AlterConfigs.RequestResource resource, final String message) {
        return answer(resource, KafkaErrors.INVALID_REQUEST, message);
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
