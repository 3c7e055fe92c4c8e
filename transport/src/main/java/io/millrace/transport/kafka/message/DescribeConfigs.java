package io.millrace.transport.kafka.message;

import java.util.List;

/** DescribeConfigs, versions 1 to 4. */
public final class DescribeConfigs {
    /** A resource that is a topic. */
    public static final byte TOPIC = 2;
    /** A resource that is a broker. */
    public static final byte BROKER = 4;

    /** Set for the topic. */
    public static final byte SOURCE_TOPIC = 1;
    /** Set for one broker while it ran. */
    public static final byte SOURCE_BROKER = 2;
    /** Set for all brokers while they ran. */
    public static final byte SOURCE_ALL_BROKERS = 3;
    /** Set in the broker's properties file. */
    public static final byte SOURCE_STATIC_BROKER = 4;
    /** Built in. */
    public static final byte SOURCE_DEFAULT = 5;

    /** Types of values as version 3 names them. */
    public static final byte TYPE_UNKNOWN = 0;
    public static final byte TYPE_BOOLEAN = 1;
    public static final byte TYPE_STRING = 2;
    public static final byte TYPE_INT = 3;
    public static final byte TYPE_SHORT = 4;
    public static final byte TYPE_LONG = 5;
    public static final byte TYPE_DOUBLE = 6;
    public static final byte TYPE_LIST = 7;

    /** What a client asks. */
    public record Request(List<RequestResource> resources, boolean includeSynonyms, boolean includeDocumentation) {
    }

    /** One resource; keys is null for all of them. */
    public record RequestResource(byte type, String name, List<String> keys) {
    }

    /** The answer. */
    public record Response(List<ResponseResource> resources) {
    }

    /** One resource. */
    public record ResponseResource(
        short errorCode, String errorMessage, byte type, String name, List<Config> configs) {
    }

    /** One key; synonyms are where its value is looked for, those that have one, the effective first. */
    public record Config(
        String name, String value, boolean readOnly, byte source, boolean sensitive, byte type,
        List<Synonym> synonyms, String documentation) {

        /** Without synonyms and documentation. */
        public Config(
            final String name, final String value, final boolean readOnly, final byte source, final boolean sensitive,
            final byte type) {
            this(name, value, readOnly, source, sensitive, type, List.of(), null);
        }
    }

    /** A value that is there, or would be if it were not for the ones before it. */
    public record Synonym(String name, String value, byte source) {
    }

    private DescribeConfigs() {
    }
}
