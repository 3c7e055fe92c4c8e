package io.millrace.system.chaos;

import java.io.IOException;
import java.util.List;

/** A cluster whose brokers can be ended one at a time. Owned by the main thread. */
interface FailoverTarget extends AutoCloseable {
    /** A broker's Kafka address. */
    record Address(int nodeId, String host, int port) {
    }

    /** {@return all of its brokers} */
    List<Address> brokers();

    /** {@return the node that leads the metadata, or -1} */
    int metadataLeader() throws IOException;

    /** kill -9, and waits for the end. */
    void kill(int nodeId) throws IOException, Wait.TooLateException;

    /** SIGTERM, and returns at once. */
    void terminate(int nodeId) throws IOException;

    /** Waits for the end of a broker that was told to. */
    void awaitEnd(int nodeId) throws IOException, Wait.TooLateException;

    void start(int nodeId) throws IOException;

    @Override
    void close() throws IOException;
}
