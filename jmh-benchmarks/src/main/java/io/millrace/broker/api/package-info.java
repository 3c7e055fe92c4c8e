/**
 * What benchmarks of other packages need of the broker's request handling; in the package of the code under test so
 * that nothing is public for them. JMH's threads. May import everything.
 */
package io.millrace.broker.api;
