/**
 * What a shard's log adds up to: next offsets, producer states and epochs, as they are after its last frame.
 *
 * <p>Threads: owned by the engine thread (recovery runs on the thread that opens the log). No I/O. May import: agrona,
 * the engine's door, {@code format}.
 */
package io.millrace.engine.state;
