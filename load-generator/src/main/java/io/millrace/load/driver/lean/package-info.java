/**
 * Our own driver over the Kafka protocol: batch templates patched per record, pipelined connections, nothing allocated
 * per record. Works against any broker that serves Produce 3 to 8, Apache Kafka included.
 *
 * <p>A session with its lanes, batches and links belongs to its sending thread; metadata and producer ids come from one
 * helper thread per session through {@code ClusterView}. May import {@code workload}, {@code driver}
 * and transport's lean client.
 */
package io.millrace.load.driver.lean;
