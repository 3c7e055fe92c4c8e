package io.millrace.load.driver.lean;

import io.millrace.transport.kafka.client.LeanClientException;
import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.client.LeanResponseHandler;
import io.millrace.transport.kafka.client.TopicName;
import java.util.ArrayDeque;
import org.agrona.DirectBuffer;

/** A connection to one broker that is opened again when it is lost; owned by the sending thread. */
final class Link implements LeanResponseHandler {
    private static final long MIN_BACKOFF_NS = 20_000_000;
    private static final long MAX_BACKOFF_NS = 500_000_000;

    private final LeanSession session;
    private final String host;
    private final int port;
    /** Batches sent without acks, not yet all in the socket. */
    private final ArrayDeque<Batch> unflushed = new ArrayDeque<>();
    private LeanConnection connection;
    private long nextConnectNs;
    private long backoffNs = MIN_BACKOFF_NS;
    private String lastFailure = "not tried yet";

    Link(final LeanSession session, final String host, final int port, final long nowNs) {
        this.session = session;
        this.host = host;
        this.port = port;
        this.nextConnectNs = nowNs;
    }

    boolean isAt(final String otherHost, final int otherPort) {
        return port == otherPort && host.equals(otherHost);
    }

    boolean isReady() {
        return connection != null && connection.isReady();
    }

    /** {@return true if it has something to do although nothing has arrived} */
    boolean isBusy() {
        return connection == null || !connection.isReady() || connection.unsentLength() > 0 || !unflushed.isEmpty();
    }

    String lastFailure() {
        return host + ":" + port + ": " + lastFailure;
    }

    int poll(final long nowNs) {
        if (connection == null) {
            if (nowNs - nextConnectNs >= 0) {
                connect(nowNs);
            }
            return 0;
        }
        final int workCount = connection.poll(this);
        if (!unflushed.isEmpty() && connection.unsentLength() == 0) {
            for (Batch batch = unflushed.poll(); batch != null; batch = unflushed.poll()) {
                session.complete(batch);
            }
        }
        if (connection.isReady()) {
            backoffNs = MIN_BACKOFF_NS;
        } else if (connection.isClosed()) {
            connection = null;
        }
        return workCount;
    }

    boolean offer(
        final TopicName topic, final int partition, final short acks, final int timeoutMs, final Batch batch) {
        if (!isReady() || !connection.offerProduce(topic, partition, acks, timeoutMs,
            batch.memory().sealedBuffer(), 0, batch.memory().sealedLength(), batch.id)) {
            return false;
        }
        if (acks == 0) {
            unflushed.add(batch);
        }
        return true;
    }

    void close() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
        for (Batch batch = unflushed.poll(); batch != null; batch = unflushed.poll()) {
            session.fail(batch, "DISCONNECTED");
        }
    }

    @Override
    public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
        session.onAnswer(token, errorCode);
    }

    @Override
    public void onFetchBatch(
        final long token,
        final int partitionId,
        final short errorCode,
        final long highWatermark,
        final DirectBuffer buffer,
        final int index,
        final int length) {
        throw new IllegalStateException("a producer's connection fetches nothing: " + host + ":" + port);
    }

    @Override
    public void onDisconnect(final String reason) {
        lastFailure = reason;
        session.onEvent("connection lost", reason);
        nextConnectNs = session.nowNs() + backoffNs;
        backoffNs = Math.min(MAX_BACKOFF_NS, backoffNs * 2);
        for (Batch batch = unflushed.poll(); batch != null; batch = unflushed.poll()) {
            session.fail(batch, "DISCONNECTED");
        }
        session.onDisconnect(this);
    }

    private void connect(final long nowNs) {
        try {
            connection = new LeanConnection(host, port, session.connectionConfiguration(), session.clock());
            session.selector().add(connection);
        } catch (final LeanClientException ex) {
            connection = null;
            lastFailure = ex.getMessage();
            nextConnectNs = nowNs + backoffNs;
            backoffNs = Math.min(MAX_BACKOFF_NS, backoffNs * 2);
        }
    }
}
