/**
 * The cold requests and responses as plain records, free of any protocol version.
 *
 * <p>Threads: immutable, any thread. May import: nothing but the JDK.
 */
package io.millrace.transport.kafka.message;
