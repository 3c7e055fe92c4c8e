package io.millrace.broker.group;

/**
 * Limits and times of groups, for one partition of the offsets topic.
 *
 * @param minSessionTimeoutMs     shortest session of a classic member
 * @param maxSessionTimeoutMs     longest session of a classic member
 * @param initialRebalanceDelayMs how long an empty group waits for more members before its first balance
 * @param maxGroupSize            most members of a group, those that were only given an id among them
 * @param offsetsRetentionMs      how long offsets are kept in topics that nobody of the group reads
 * @param offsetsCheckIntervalMs  how often it is looked for offsets that were kept for so long
 * @param maxMetadataLength       longest metadata of an offset, characters
 * @param maxGroupCount           most groups
 * @param maxOffsetCount          most committed offsets, of all groups
 * @param maxGroupLength          most bytes of a group's members: ids, subscriptions, assignments; of a classic group
 *                                only what is recorded, the one protocol that is chosen
 * @param consumerSessionMs       session of a member of the consumer protocol
 * @param consumerHeartbeatMs     how often such a member is to send its heartbeat
 * @param migration               between which protocols a group may go while it has members
 */
public record GroupConfiguration(
    int minSessionTimeoutMs,
    int maxSessionTimeoutMs,
    int initialRebalanceDelayMs,
    int maxGroupSize,
    long offsetsRetentionMs,
    long offsetsCheckIntervalMs,
    int maxMetadataLength,
    int maxGroupCount,
    int maxOffsetCount,
    int maxGroupLength,
    int consumerSessionMs,
    int consumerHeartbeatMs,
    MigrationPolicy migration) {

    /** Longest name of a group, UTF-8 bytes. */
    public static final int MAX_NAME_LENGTH = 255;
    /** Longest id of a member or of a static instance, and longest name of a protocol, characters. */
    public static final int MAX_ID_LENGTH = 512;
    /** Most protocols that a member of a classic group may name. */
    public static final int MAX_PROTOCOL_COUNT = 50;
    /** Longest id of a client that is kept, characters; the rest is cut off. */
    public static final int MAX_CLIENT_ID_LENGTH = 255;
    /** As Kafka has it where Kafka has it. */
    public static final GroupConfiguration DEFAULTS = new GroupConfiguration(
        6_000, 1_800_000, 0, 1_000, 7L * 24 * 3600 * 1000, 600_000, 4096, 10_000, 500_000, 1 << 20, 45_000, 5_000,
        MigrationPolicy.BIDIRECTIONAL);

    /** {@return whether an id, or a name, is short enough to be kept; null is} */
    static boolean isId(final String id) {
        return id == null || id.length() <= MAX_ID_LENGTH;
    }
}
