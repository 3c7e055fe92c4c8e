/**
 * From the ring to the log: drains committed records in contiguous blocks, makes frames of them in place, writes each
 * block from the ring's own memory, and answers those who asked.
 *
 * <p>Threads: owned by the engine thread. May import: agrona, the engine's door, {@code format}, {@code ingress},
 * {@code log} (its {@link io.millrace.engine.log.BlockLog} boundary), {@code state}.
 */
package io.millrace.engine.writer;
