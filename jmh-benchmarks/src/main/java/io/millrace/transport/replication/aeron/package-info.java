/**
 * Benchmarks of replication over Aeron UDP; in the package of the code under test so that nothing is public for them.
 * JMH's threads, and threads of Aeron's drivers where a benchmark asks for them. May import everything.
 */
package io.millrace.transport.replication.aeron;
