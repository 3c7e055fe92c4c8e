package io.millrace.engine.segment;

/** Names of the files in a shard's directory. */
public final class SegmentNames {
    public static final String LOG_SUFFIX = ".log";
    public static final String INDEX_SUFFIX = ".index";
    /** Beside a segment: it failed its checks and is neither served nor cut until another replica's copy is here. */
    public static final String QUARANTINE_SUFFIX = ".quarantine";
    /** A segment that failed its checks below the synced mark; kept for inspection, never opened again. */
    public static final String QUARANTINED_SUFFIX = ".quarantined";
    /** A whole and checked copy of a damaged segment, from another replica, about to take its place. */
    public static final String REPAIRED_SUFFIX = ".repaired";
    /** A file made ready for a segment to come; worth nothing after a restart. */
    public static final String PREPARED_SUFFIX = ".prepared";
    /** A file being written; worth nothing after a restart. */
    public static final String TEMPORARY_SUFFIX = ".tmp";
    public static final String CHECKPOINT = "checkpoint";
    /** How far the scrub has come; worth nothing but time. */
    public static final String SCRUB = "scrub";

    private static final int DIGIT_COUNT = 20;

    private SegmentNames() {
    }

    /**
     * {@return name of a segment's file}
     *
     * @param basePosition of the segment
     */
    public static String log(final long basePosition) {
        return name(basePosition, LOG_SUFFIX);
    }

    /**
     * {@return name of a segment's index file}
     *
     * @param basePosition of the segment
     */
    public static String index(final long basePosition) {
        return name(basePosition, INDEX_SUFFIX);
    }

    /**
     * {@return name of the mark that says that a segment is in quarantine}
     *
     * @param basePosition of the segment
     */
    public static String quarantine(final long basePosition) {
        return name(basePosition, QUARANTINE_SUFFIX);
    }

    /** Without a formatter: a segment begins on the engine thread. */
    private static String name(final long basePosition, final String suffix) {
        final String digits = Long.toString(basePosition);
        return "0".repeat(DIGIT_COUNT - digits.length()) + digits + suffix;
    }

    /**
     * {@return base position that a name of a segment or index file tells, -1 when it is no such name}
     *
     * @param name   of a file
     * @param suffix {@link #LOG_SUFFIX}, {@link #INDEX_SUFFIX} or {@link #QUARANTINE_SUFFIX}
     */
    public static long basePosition(final String name, final String suffix) {
        if (name.length() != DIGIT_COUNT + suffix.length() || !name.endsWith(suffix)) {
            return -1;
        }
        for (int i = 0; i < DIGIT_COUNT; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return -1;
            }
        }
        try {
            return Long.parseLong(name.substring(0, DIGIT_COUNT));
        } catch (final NumberFormatException ex) {
            return -1; // twenty digits can say more than a long holds
        }
    }
}
