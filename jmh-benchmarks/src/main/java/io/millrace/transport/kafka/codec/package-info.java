/**
 * Benchmarks of the Kafka codec; in the package of the code under test so that nothing is public for them. JMH's
 * threads. May import everything.
 */
package io.millrace.transport.kafka.codec;
