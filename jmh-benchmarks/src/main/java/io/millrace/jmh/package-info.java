/**
 * The entry point of benchmarks.jar: JMH's own, with results that survive an interruption. JMH's threads. May import
 * JMH.
 */
package io.millrace.jmh;
