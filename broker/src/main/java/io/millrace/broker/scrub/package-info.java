/**
 * What a node does about damage at rest: it reads its sealed segments at a bounded rate, keeps damaged ones from being
 * served and replaces them by other replicas' bytes.
 *
 * <p>The door is {@link io.millrace.broker.scrub.ScrubAgent}. Threads: the maintenance thread. May import: agrona, the
 * engine's log, {@code replication}. No clock, thread or file of its own, so that a simulation can run it.
 */
package io.millrace.broker.scrub;
