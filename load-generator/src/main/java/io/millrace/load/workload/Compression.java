package io.millrace.load.workload;

/** What a driver does to a batch before it is sent. */
public enum Compression {
    /** Nothing. */
    NONE("none", 0),
    /** GZIP. */
    GZIP("gzip", 1),
    /** Snappy in the framing of its Java library. */
    SNAPPY("snappy", 2),
    /** LZ4 in Kafka's frame format. */
    LZ4("lz4", 3),
    /** Zstandard. */
    ZSTD("zstd", 4);

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

    /** {@return true if it only comes as a stream, which costs the lean driver allocations} */
    public boolean isStream() {
        return this != NONE && this != LZ4;
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
            case "gzip" -> GZIP;
            case "snappy" -> SNAPPY;
            case "lz4" -> LZ4;
            case "zstd" -> ZSTD;
            default -> throw new WorkloadException("compression: value=" + text
                + " is none of none, gzip, snappy, lz4, zstd");
        };
    }
}
