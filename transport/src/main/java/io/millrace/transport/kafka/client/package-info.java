/**
 * A lean Kafka client for load generation and checks: pipelined connections without allocation per request, record
 * batch templates patched in place, and a small blocking admin client. Works against any broker that serves Produce 3
 * to 8 and Fetch 4 to 11, Apache Kafka 4.x included.
 *
 * <p>Threads: every object belongs to the one thread that uses it. May import: agrona, {@code kafka.codec},
 * {@code kafka.message}, kafka-clients (not in public signatures).
 */
package io.millrace.transport.kafka.client;
