/**
 * What clients of other systems have in common: one connection that never blocks, records in flight, a sending session
 * over a protocol that publishes record by record.
 *
 * <p>A session and its protocol belong to one sending thread. May import {@code load.driver} and
 * {@code load.workload}; knows no system.
 */
package io.millrace.targets.wire;
