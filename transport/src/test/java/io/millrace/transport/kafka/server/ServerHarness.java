package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.client.LeanConnectionConfiguration;
import io.millrace.transport.kafka.client.LeanResponseHandler;
import io.millrace.transport.kafka.client.TopicName;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SystemNanoClock;

/** A server on its own thread with a scripted handler, and clients for it. */
final class ServerHarness implements AutoCloseable {
    static final TopicName TOPIC = new TopicName("topic");
    static final long DEADLINE_NS = 60_000_000_000L;

    final ScriptedHandler handler = new ScriptedHandler();
    final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
    final KafkaServerAgent agent;
    volatile Throwable failure;
    private final Thread thread;
    private final List<AutoCloseable> clients = new ArrayList<>();
    private volatile boolean running = true;

    ServerHarness(final KafkaServerContext context) {
        agent = new KafkaServerAgent(context.port(0).eventLog(events::add).errorLog(errors::add), handler);
        agent.bind();
        thread = new Thread(this::run, agent.roleName());
        thread.start();
    }

    static KafkaServerContext context() {
        return new KafkaServerContext();
    }

    private void run() {
        final IdleStrategy idle = agent.idleStrategy();
        try {
            while (running) {
                idle.idle(agent.doWork());
            }
        } catch (final Throwable e) {
            failure = e;
        } finally {
            agent.onClose();
        }
    }

    LeanConnection lean() {
        final LeanConnection connection = new LeanConnection("127.0.0.1", agent.port(),
            LeanConnectionConfiguration.defaults("test"), SystemNanoClock.INSTANCE);
        clients.add(connection);
        final Recorder recorder = new Recorder();
        await("connection ready", () -> {
            connection.poll(recorder);
            return connection.isReady();
        });
        return connection;
    }

    Socket socket() throws IOException {
        final Socket socket = new Socket("127.0.0.1", agent.port());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) (DEADLINE_NS / 1_000_000));
        clients.add(socket);
        return socket;
    }

    /** The server has ended it: with what it had not read yet, it ends it by a reset. */
    static void assertClosed(final Socket socket) {
        try {
            assertEquals(-1, socket.getInputStream().read());
        } catch (final SocketTimeoutException e) {
            fail("neither answered nor closed", e);
        } catch (final IOException reset) {
            return;
        }
    }

    /** Sends as much as goes before the server closes the connection, which it may before a slow sender is done. */
    static void writeUntilClosed(final Socket socket, final byte[] bytes, final int length) {
        try {
            socket.getOutputStream().write(bytes, 0, length);
        } catch (final IOException e) {
            CloseHelper.quietClose(socket);
        }
    }

    /** Runs on the network thread. */
    void onNetworkThread(final Runnable command) {
        handler.commands.add(command);
        agent.wakeup();
    }

    long count(final ServerCounter counter) {
        return agent.counters().get(counter);
    }

    void await(final String what, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.getAsBoolean()) {
            if (failure != null) {
                throw new AssertionError("the network thread died", failure);
            }
            if (System.nanoTime() - deadlineNs > 0) {
                fail("not within the deadline: " + what + "; events=" + events);
            }
            LockSupport.parkNanos(200_000);
        }
    }

    @Override
    public void close() {
        CloseHelper.closeAll(clients);
        running = false;
        agent.wakeup();
        try {
            thread.join(DEADLINE_NS / 1_000_000);
            if (thread.isAlive()) {
                fail("the network thread does not end");
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new AssertionError("the network thread died", failure);
        }
    }

    /** Remembers what a lean connection was told. */
    static final class Recorder implements LeanResponseHandler {
        final List<Long> tokens = new ArrayList<>();
        final List<Long> baseOffsets = new ArrayList<>();
        final List<byte[]> records = new ArrayList<>();
        String disconnected;

        @Override
        public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
            tokens.add(token);
            baseOffsets.add(baseOffset);
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
            tokens.add(token);
            final byte[] bytes = new byte[length];
            buffer.getBytes(index, bytes);
            records.add(bytes);
        }

        @Override
        public void onDisconnect(final String reason) {
            disconnected = reason;
        }
    }
}
