/**
 * Benchmarks of how replies leave; in the package of the code under test so that nothing is public for them. JMH's
 * threads and one of the benchmark's own. May import everything.
 */
package io.millrace.transport.kafka.server;
