/**
 * Apache Kafka's own brokers: fetched from Maven Central with Maven, formatted, started as processes, stopped.
 *
 * <p>Clients are those of {@code load.driver}: the same for Kafka as for Millrace. May import {@code targets.process}.
 */
package io.millrace.targets.kafka;
