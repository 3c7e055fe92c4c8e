package io.millrace.broker.group;

import java.util.UUID;

/**
 * What a group has committed in one partition.
 *
 * @param topicId      of the topic that had the name then
 * @param offset       next one to be read
 * @param leaderEpoch  of the record before it, -1 when unknown
 * @param metadata     the client's own
 * @param committedMs  when, milliseconds since the epoch
 */
record Offset(UUID topicId, long offset, int leaderEpoch, String metadata, long committedMs) {
}
