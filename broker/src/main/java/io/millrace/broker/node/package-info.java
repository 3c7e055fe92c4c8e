/**
 * One running node: the data directory, the threads, and what connects network, engine, replication and metadata. Here
 * and in the adapters are the only places that know threads, files and the machine's clocks.
 *
 * <p>Threads of the small profile: network, engine, syncer, maintenance, metadata. May import: everything of the broker
 * and the adapters of engine and transport.
 */
package io.millrace.broker.node;
