package io.millrace.engine;

/**
 * What one partition keeps a log from giving back: segments go oldest first, so whatever is dead in or behind the first
 * segment in which a partition has something live has to stay.
 *
 * @param partitionId id within the shard
 * @param deadLength  bytes of dead batches that stay
 */
public record LogPin(int partitionId, long deadLength) {
}
