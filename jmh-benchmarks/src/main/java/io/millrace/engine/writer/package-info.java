/**
 * Benchmarks of the way from the ring to the file; in the package of the code under test so that nothing is public for
 * them. JMH's threads. May import everything.
 */
package io.millrace.engine.writer;
