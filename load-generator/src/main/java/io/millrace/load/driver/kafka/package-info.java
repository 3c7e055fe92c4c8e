/**
 * The official Java client as a driver.
 *
 * <p>Sends from the session's sending thread; answers come on the client's own thread, one after the other per session.
 * May import {@code workload}, {@code driver} and kafka-clients' public API.
 */
package io.millrace.load.driver.kafka;
