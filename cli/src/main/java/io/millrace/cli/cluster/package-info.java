/**
 * {@code millrace cluster}: starts, shows and stops a local cluster of broker processes; shows any cluster and
 * elects leaders.
 * Runs on the calling thread, plus one shutdown hook while starting. May import the broker and the transport's lean
 * client.
 */
package io.millrace.cli.cluster;
