/**
 * Benchmarks of a whole shard log; in the package of the code under test so that nothing is public for them.
 * JMH's threads, and one for syncing and maintenance. May import everything.
 */
package io.millrace.engine.shard;
