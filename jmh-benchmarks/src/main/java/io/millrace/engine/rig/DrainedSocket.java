package io.millrace.engine.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * One end of a TCP connection over loopback whose other end throws everything away. Owned by the thread that writes;
 * the other end has its own.
 */
public final class DrainedSocket implements AutoCloseable {
    private static final int BUFFER_LENGTH = 1024 * 1024;
    private static final long JOIN_TIMEOUT_MS = 10_000;

    private final SocketChannel channel;
    private final SocketChannel drained;
    private final Thread thread;

    /**
     * Connects.
     *
     * @throws IOException when there is no loopback
     */
    public DrainedSocket() throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            channel = SocketChannel.open(server.getLocalAddress());
            drained = server.accept();
        }
        thread = new Thread(this::drain, "drained-socket");
        thread.setDaemon(true);
        thread.start();
    }

    /** {@return what to write to; blocking} */
    public SocketChannel channel() {
        return channel;
    }

    private void drain() {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_LENGTH);
        try {
            while (drained.read(buffer.clear()) >= 0) {
                Thread.onSpinWait();
            }
        } catch (final IOException ex) {
            if (channel.isOpen()) {
                throw new IllegalStateException("the connection over loopback broke", ex);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        try {
            thread.join(JOIN_TIMEOUT_MS);
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
        drained.close();
    }
}
