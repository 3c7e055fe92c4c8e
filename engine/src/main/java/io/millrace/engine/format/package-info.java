/**
 * The layouts of what a shard's log holds: the frame, the Kafka record batch inside a data frame, and their checksums.
 * One class per structure owns its drawing, its constants and its accessors.
 *
 * <p>Threads: none of its own; {@link io.millrace.engine.format.Checksums} has state and belongs to one thread. May
 * import: agrona. No I/O.
 */
package io.millrace.engine.format;
