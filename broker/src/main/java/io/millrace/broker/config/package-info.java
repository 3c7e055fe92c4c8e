/**
 * A node's properties file: every key with its default, its limits and its text in one table ({@code ConfigKeys}),
 * parsed once into {@link io.millrace.broker.config.BrokerConfig}.
 *
 * <p>Threads: none; immutable values. May import: the JDK and the metadata and engine value types.
 */
package io.millrace.broker.config;
