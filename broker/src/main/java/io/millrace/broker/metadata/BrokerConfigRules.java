package io.millrace.broker.metadata;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which configs a broker takes while it runs: those that only a thread's next look at the image needs. Everything else
 * is in the node's file and needs a restart. Owned by the state machine.
 */
public final class BrokerConfigRules {
    /** Longest record batch of topics without a max.message.bytes of their own. */
    public static final String MESSAGE_MAX_BYTES = "message.max.bytes";
    /** Bytes kept per partition of topics without a retention.bytes of their own. */
    public static final String RETENTION_BYTES = "log.retention.bytes";
    /** Milliseconds for which records of topics without a retention.ms of their own are kept. */
    public static final String RETENTION_MS = "log.retention.ms";

    private static final int MIN_MESSAGE_MAX_LENGTH = 1024;
    /** Every name with its smallest and its largest value. */
    private static final Map<String, long[]> LIMITS = Map.of(
        MESSAGE_MAX_BYTES, new long[] {MIN_MESSAGE_MAX_LENGTH, Integer.MAX_VALUE},
        RETENTION_BYTES, new long[] {-1, Long.MAX_VALUE},
        RETENTION_MS, new long[] {-1, Long.MAX_VALUE});

    private final Decision decision;

    BrokerConfigRules(final Decision decision) {
        this.decision = decision;
    }

    /**
     * {@return whether a running broker takes a new value}
     *
     * @param name of the config
     */
    public static boolean isDynamic(final String name) {
        return LIMITS.containsKey(name);
    }

    MetadataResult alter(final MetadataCommand.AlterBrokerConfig command) {
        final int brokerId = command.brokerId();
        if (brokerId != MetadataCommand.AlterBrokerConfig.ALL_BROKERS && decision.state().broker(brokerId) == null) {
            return Decision.refuse(MetadataErrors.INVALID_REQUEST, "no such broker: " + brokerId);
        }
        String error = checkNames(command.removes());
        for (final Map.Entry<String, String> set : new TreeMap<>(command.sets()).entrySet()) {
            error = error != null ? error : check(set.getKey(), set.getValue());
        }
        if (error != null) {
            return Decision.refuse(MetadataErrors.INVALID_CONFIG, error);
        }
        final Map<String, String> before = decision.state().brokerConfigs(brokerId);
        final Map<String, String> configs = command.replaces() ? new TreeMap<>() : new TreeMap<>(before);
        configs.keySet().removeAll(command.removes());
        configs.putAll(command.sets());
        if (!command.validateOnly() && !configs.equals(before)) {
            decision.emit(new MetadataRecord.BrokerConfigChanged(brokerId, configs));
        }
        return Decision.accept(0);
    }

    private static String checkNames(final List<String> names) {
        for (final String name : names) {
            if (!isDynamic(name)) {
                return fixed(name);
            }
        }
        return null;
    }

    private static String check(final String name, final String value) {
        final long[] limits = LIMITS.get(name);
        if (limits == null) {
            return fixed(name);
        }
        try {
            final long number = Long.parseLong(value);
            return number >= limits[0] && number <= limits[1] ? null
                : "out of range: " + name + "=" + value + " least=" + limits[0] + " most=" + limits[1];
        } catch (final NumberFormatException ex) {
            return "not a whole number: " + name + "=" + value;
        }
    }

    private static String fixed(final String name) {
        return name + " cannot be changed while a broker runs: write it into the node's file and restart the broker. "
            + "A running broker takes " + String.join(", ", LIMITS.keySet().stream().sorted().toList());
    }
}
