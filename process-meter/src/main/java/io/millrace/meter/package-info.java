/**
 * What a process tells of itself to whoever measures it: how late its threads wake, how long its syncs take, what it
 * allocates and collects. A process writes a {@code MeterFile} that has no name once it is there, so nothing is left
 * behind when it ends; another process of the same user reads it through {@code /proc} with a {@code MeterView}.
 *
 * <p>Brokers write one by themselves; any other JVM does when it is started with this module's jar as its agent. Uses
 * nothing but the JDK, because it becomes part of JVMs whose class path is not ours.
 */
package io.millrace.meter;
