package io.millrace.load.workload;

/** What a driver does to a batch before it is sent. */
public enum Compression {
    /** Nothing. */
    NONE("none", 0),
    /** LZ4 in Kafka's frame format. */
    LZ4("lz4", 3);

    private final String word;
    private final int attributes;

    Compression(final String word, final int attributes) {
        this.word = word;
        this.attributes = attributes;
    }

    /** {@return the word for it, which is Kafka's} */
    public String word() {
        return word;
    }

    /** {@return the codec bits of a record batch's attributes} */
    public int attributes() {
        return attributes;
    }

    /**
     * Reads the option.
     *
     * @param text what the user wrote
     * @return the value
     */
    public static Compression of(final String text) {
        return switch (text.trim()) {
            case "none" -> NONE;
            case "lz4" -> LZ4;
            default -> throw new WorkloadException("compression: value=" + text + " is none of none, lz4");
        };
    }
}
