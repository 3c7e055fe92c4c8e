/**
 * RabbitMQ: a cluster of servers, a quorum queue or a stream per partition, over small clients for AMQP 0-9-1 and for
 * the protocol of its stream plugin.
 *
 * <p>May import {@code targets.file}, {@code targets.process}, {@code targets.store} and {@code targets.wire}.
 */
package io.millrace.targets.rabbitmq;
