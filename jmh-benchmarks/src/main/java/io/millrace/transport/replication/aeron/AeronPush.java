package io.millrace.transport.replication.aeron;

import io.aeron.Aeron;
import io.aeron.CommonContext;
import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.Subscription;
import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import io.aeron.logbuffer.FragmentHandler;
import io.aeron.logbuffer.Header;
import io.aeron.protocol.DataHeaderFlyweight;
import io.millrace.engine.rig.Scratch;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.CloseHelper;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.AgentInvoker;
import org.agrona.concurrent.NoOpLock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One publication and one subscription over UDP on loopback, with the driver settings of {@link AeronReplicaLink}. Each
 * end has a driver of its own, as each broker has. Owned by the benchmark's thread, which invokes everything that has
 * no thread of its own.
 */
final class AeronPush implements AutoCloseable {
    /** Log bytes of one operation, whatever the length of a message. */
    static final int OPERATION_LENGTH = 64 * 1024;

    private static final int STREAM_ID = 1000;
    private static final int MAX_TERM_LENGTH = 4 << 20;
    private static final int FRAGMENT_LIMIT = 16;
    private static final long LIVENESS_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);
    private static final long CLIENT_LIVENESS_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(10);
    private static final long CONNECT_DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);
    /** A power of two less one: so often the clock is read. */
    private static final int DEADLINE_CHECK_MASK = 0xFFFF;
    private static final long STALL_DEADLINE_NS = TimeUnit.SECONDS.toNanos(60);

    private final boolean hasDriverThreads;
    private final Scratch memory;
    private final End sender;
    private final End receiver;
    private final ExclusivePublication publication;
    private final Subscription subscription;
    private final UnsafeBuffer message;
    private final FragmentHandler handler = this::onFragment;
    private long sentLength;
    private long receivedLength;
    private byte lastByte;

    /** A driver and a client. */
    private static final class End implements AutoCloseable {
        private final MediaDriver driver;
        private final Aeron aeron;
        private final AgentInvoker driverInvoker;
        private final AgentInvoker clientInvoker;

        End(final Path directory, final ThreadingMode mode, final int mtuLength, final int windowLength,
            final int termLength, final int socketLength) {
            driver = MediaDriver.launch(new MediaDriver.Context()
                .aeronDirectoryName(directory.toString())
                .dirDeleteOnStart(true)
                .dirDeleteOnShutdown(true)
                .threadingMode(mode)
                .mtuLength(mtuLength)
                .ipcMtuLength(mtuLength)
                .initialWindowLength(windowLength)
                .socketRcvbufLength(socketLength)
                .socketSndbufLength(Math.max(mtuLength, LinkSizing.MIN_WINDOW_LENGTH))
                .publicationTermBufferLength(termLength)
                .ipcTermBufferLength(LinkSizing.CONTROL_TERM_LENGTH)
                .termBufferSparseFile(true)
                .performStorageChecks(false)
                .imageLivenessTimeoutNs(LIVENESS_TIMEOUT_NS)
                .publicationConnectionTimeoutNs(LIVENESS_TIMEOUT_NS)
                .clientLivenessTimeoutNs(CLIENT_LIVENESS_TIMEOUT_NS)
                .publicationLingerTimeoutNs(0)
                .counterValuesBufferLength(1 << 20));
            driverInvoker = driver.sharedAgentInvoker();
            final Aeron.Context client = new Aeron.Context()
                .aeronDirectoryName(directory.toString())
                .useConductorAgentInvoker(true)
                .clientLock(NoOpLock.INSTANCE);
            aeron = Aeron.connect(mode == ThreadingMode.INVOKER ? client.driverAgentInvoker(driverInvoker) : client);
            clientInvoker = aeron.conductorAgentInvoker();
        }

        int duty() {
            return (driverInvoker == null ? 0 : driverInvoker.invoke()) + clientInvoker.invoke();
        }

        @Override
        public void close() {
            CloseHelper.closeAll(aeron, driver);
        }
    }

    AeronPush(final ThreadingMode mode, final int mtuLength, final int windowLength) throws IOException {
        hasDriverThreads = mode != ThreadingMode.INVOKER;
        final int granted = HostLimits.grantedSocketLength();
        if (windowLength > granted) {
            throw new IOException("window=" + windowLength + " exceeds the socket buffer that the kernel grants, "
                + granted + "; leave it out with -p, or raise the limit: sysctl -w net.core.rmem_max=" + windowLength);
        }
        final int wantedTermLength = BitUtil.findNextPositivePowerOfTwo(Math.max(2 * windowLength, 8 * mtuLength));
        final int termLength = Math.min(MAX_TERM_LENGTH, wantedTermLength);
        memory = Scratch.inMemory();
        sender = new End(memory.directory().resolve("sender"), mode, mtuLength, windowLength, termLength, granted);
        receiver = new End(memory.directory().resolve("receiver"), mode, mtuLength, windowLength, termLength, granted);
        final String channel = CommonContext.UDP_CHANNEL + "?endpoint=127.0.0.1:" + freePort();
        subscription = receiver.aeron.addSubscription(channel, STREAM_ID);
        publication = sender.aeron.addExclusivePublication(channel, STREAM_ID);
        message = new UnsafeBuffer(BufferUtil.allocateDirectAligned(
            mtuLength - DataHeaderFlyweight.HEADER_LENGTH, BitUtil.CACHE_LINE_LENGTH));
        message.setMemory(0, message.capacity(), (byte) 7);
        final long deadlineNs = System.nanoTime() + CONNECT_DEADLINE_NS;
        while (!publication.isConnected() || !subscription.isConnected()) {
            duty();
            if (System.nanoTime() > deadlineNs) {
                close();
                throw new IOException("publication and subscription found no connection within 60 s");
            }
        }
    }

    /** {@return something of what arrived, so that it is read}; sends one operation's worth. */
    byte push() {
        final long until = sentLength + OPERATION_LENGTH;
        long tries = 0;
        long deadlineNs = 0;
        while (sentLength < until) {
            final long position = publication.offer(message);
            if (position > 0) {
                sentLength += message.capacity();
                tries = 0;
            } else if (position == Publication.CLOSED || position == Publication.MAX_POSITION_EXCEEDED
                || position == Publication.NOT_CONNECTED) {
                throw new IllegalStateException("publication lost: " + Publication.errorString(position));
            } else if ((++tries & DEADLINE_CHECK_MASK) == 0) {
                final long nowNs = System.nanoTime();
                deadlineNs = tries == DEADLINE_CHECK_MASK + 1 ? nowNs + STALL_DEADLINE_NS : deadlineNs;
                if (nowNs > deadlineNs) {
                    throw new IllegalStateException("nothing could be sent for 60 s");
                }
            }
            if (duty() == 0 && hasDriverThreads) {
                Thread.yield(); // invoked, it is this thread that must go on; else somebody else may need the core
            }
        }
        return lastByte;
    }

    private void onFragment(final DirectBuffer buffer, final int offset, final int length, final Header header) {
        receivedLength += length;
        lastByte = buffer.getByte(offset + length - 1);
    }

    /** Waits until everything sent has arrived; on loopback with windows that fit the sockets nothing is lost. */
    void drain() {
        final long deadlineNs = System.nanoTime() + STALL_DEADLINE_NS;
        while (receivedLength < sentLength) {
            duty();
            if (System.nanoTime() > deadlineNs) {
                throw new IllegalStateException("sent=" + sentLength + " but received=" + receivedLength);
            }
        }
    }

    private int duty() {
        return sender.duty() + receiver.duty() + subscription.poll(handler, FRAGMENT_LIMIT);
    }

    private static int freePort() throws IOException {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(new InetSocketAddress("127.0.0.1", 0));
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        }
    }

    @Override
    public void close() throws IOException {
        CloseHelper.closeAll(publication, subscription, sender, receiver);
        memory.close();
    }
}
