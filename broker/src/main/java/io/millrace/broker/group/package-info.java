/**
 * Consumer groups and their committed offsets: the rules of both group protocols, as a state machine that is given its
 * time, its random numbers and the topics there are, and hands out the records to be kept and the answers to be sent.
 *
 * <p>Threads: none of its own; everything here belongs to the network thread. May import: the records of the Kafka
 * protocol, the engine's error numbers, the regular expressions of RE2J (which take linear time).
 */
package io.millrace.broker.group;
