package io.millrace.transport.kafka.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.agrona.CloseHelper;
import org.agrona.collections.Object2IntCounterMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.IdleStrategy;

/**
 * The TCP server of one network thread, as an agent. Owned by that thread, except {@link #bind()} (before the thread
 * starts), {@link #wakeup()}, {@link #counters()} and {@link #port()}.
 *
 * <p>Its {@link #idleStrategy()} waits in the selector; run the agent with it, so that a socket, a timer or a wake-up
 * ends the wait at once.
 */
public final class KafkaServerAgent implements Agent {
    private static final int MAX_ACCEPTS_PER_CYCLE = 64;
    private static final int ACCEPT_BACKLOG = 1024;
    private static final long ACCEPT_PAUSE_NS = 100_000_000L;
    private static final long STALLED_PARK_NS = 1_000_000L;
    private static final long SCAN_INTERVAL_NS = 1_000_000_000L;

    private final KafkaServerContext context;
    private final RequestHandler handler;
    private final ServerShared shared;
    private final ServerWakeup wakeup = new ServerWakeup();
    private final ArrayList<Connection> connections = new ArrayList<>();
    private final Object2IntCounterMap<InetAddress> connectionsByAddress = new Object2IntCounterMap<>(0);
    private final ArrayList<Connection> stalled = new ArrayList<>();
    private final Consumer<SelectionKey> onKey = this::onKey;
    private ServerSocketChannel serverChannel;
    private SelectionKey acceptKey;
    private Selector selector;
    private int port = -1;
    private long nextConnectionId;
    private boolean selected;
    private boolean acceptable;
    private boolean acceptPaused;
    private long acceptPausedSinceNs;
    private long lastScanNs;

    /**
     * @param context settings, checked here
     * @param handler what to do with requests
     */
    public KafkaServerAgent(final KafkaServerContext context, final RequestHandler handler) {
        context.conclude();
        this.context = context;
        this.handler = handler;
        this.shared = new ServerShared(context, handler, this);
        this.lastScanNs = shared.nowNs();
    }

    /**
     * Binds and listens. Clients can connect from now on and are served once the agent runs.
     *
     * @throws UncheckedIOException     when the address cannot be bound, for example because its port is in use
     * @throws IllegalArgumentException when the address is not loopback and that was not allowed
     */
    public void bind() {
        final String address = context.host() + ":" + context.port();
        final InetSocketAddress socketAddress = new InetSocketAddress(context.host(), context.port());
        if (socketAddress.isUnresolved()) {
            throw new IllegalArgumentException("cannot resolve the listener address " + address +
                "; check the host name");
        }
        if (!socketAddress.getAddress().isLoopbackAddress() && !context.nonLoopbackAllowed()) {
            throw new IllegalArgumentException("will not listen on " + address + ": it is not a loopback address and " +
                "there is no authentication yet; use 127.0.0.1, or allow it explicitly");
        }
        try {
            selector = Selector.open();
            serverChannel = ServerSocketChannel.open();
            serverChannel.configureBlocking(false);
            if (context.socketReceiveBufferLength() > 0) {
                serverChannel.setOption(StandardSocketOptions.SO_RCVBUF, context.socketReceiveBufferLength());
            }
            serverChannel.bind(socketAddress, ACCEPT_BACKLOG);
            port = ((InetSocketAddress) serverChannel.getLocalAddress()).getPort();
            acceptKey = serverChannel.register(selector, SelectionKey.OP_ACCEPT);
            wakeup.selector(selector);
        } catch (final IOException e) {
            CloseHelper.quietCloseAll(serverChannel, selector);
            final String remedy = e instanceof BindException ?
                "; is another process listening there? Stop it or choose another port" : "";
            throw new UncheckedIOException("cannot listen on " + address + ": " + e.getMessage() + remedy, e);
        }
    }

    /** {@return the port listened on} */
    public int port() {
        return port;
    }

    /** {@return counters, readable from any thread} */
    public ServerCounters counters() {
        return shared.counters();
    }

    /**
     * {@return the slot in work that a reply id names, null when it was completed meanwhile}
     *
     * @param replyId from {@link ReplySlot#replyId}
     */
    public ReplySlot slot(final long replyId) {
        return shared.slots().find(replyId);
    }

    /**
     * Ends the thread's wait, if it waits; cheap otherwise. Any thread, after publishing what the handler's
     * {@link RequestHandler#doWork} is to see.
     */
    public void wakeup() {
        wakeup.signal();
    }

    /**
     * Counts and logs what ended a part of the handler's duty cycle without ending the cycle. Network thread.
     *
     * @param work    what was being done
     * @param failure what ended it
     */
    public void onInternalError(final String work, final Throwable failure) {
        shared.onCrash(work + " failed", failure);
    }

    /** {@return waits in the selector when there was no work} */
    public IdleStrategy idleStrategy() {
        return new SelectorIdleStrategy(this);
    }

    @Override
    public String roleName() {
        return "kafka-network-" + port;
    }

    @Override
    public int doWork() {
        final long startNs = context.nanoClock().nanoTime();
        shared.nowNs(startNs);
        // taken before any queue is looked at: what is published later signals again
        wakeup.take();
        int workCount = select(0);
        workCount += shared.timers().poll(startNs, handler);
        workCount += handler.doWork(startNs);
        workCount += acceptable ? accept() : 0;
        workCount += serve();
        if (startNs - lastScanNs > SCAN_INTERVAL_NS) {
            scan(startNs);
        }
        shared.counters().max(ServerCounter.MAX_DUTY_CYCLE_NS, context.nanoClock().nanoTime() - startNs);
        return workCount;
    }

    /** Waits for a socket, a timer or a wake-up. */
    void park() {
        final long maxNs = shared.queue().isEmpty() ?
            stalled.isEmpty() ? context.maxParkNs() : STALLED_PARK_NS : 0;
        final long nowNs = context.nanoClock().nanoTime();
        final long parkNs = shared.timers().untilNextNs(nowNs, maxNs);
        if (parkNs <= 0) {
            return;
        }
        if (wakeup.beginPark()) {
            select(Math.max(1, (parkNs + 999_999) / 1_000_000));
        }
        if (wakeup.endPark()) {
            shared.counters().increment(ServerCounter.WAKEUPS);
        }
    }

    /**
     * Closes the listener and all connections; requests in work are abandoned. Idempotent.
     *
     * <p>End the agent's thread without an interrupt: one would close the log file that a transferTo is reading.
     */
    @Override
    public void onClose() {
        CloseHelper.quietClose(serverChannel);
        while (!connections.isEmpty()) {
            connections.get(connections.size() - 1).close(ServerCounter.CLOSED_AT_SHUTDOWN, null);
        }
        CloseHelper.quietClose(selector);
        shared.receivePool().close();
        shared.replyPool().close();
    }

    void onClosed(final Connection connection) {
        final Connection last = connections.remove(connections.size() - 1);
        if (last != connection) {
            connections.set(connection.listIndex, last);
            last.listIndex = connection.listIndex;
        }
        if (connectionsByAddress.decrementAndGet(connection.address()) == 0) {
            connectionsByAddress.remove(connection.address());
        }
        shared.counters().add(ServerCounter.CONNECTIONS_OPEN, -1);
    }

    private int select(final long timeoutMs) {
        if (timeoutMs == 0 && selected) {
            selected = false;
            return 0;
        }
        try {
            if (timeoutMs == 0) {
                return selector.selectNow(onKey);
            }
            selector.select(onKey, timeoutMs);
            selected = true;
            return 0;
        } catch (final IOException e) {
            throw new UncheckedIOException("select failed", e);
        }
    }

    private void onKey(final SelectionKey key) {
        if (key == acceptKey) {
            acceptable = true;
        } else if (key.isValid()) {
            ((Connection) key.attachment()).onReady(key.readyOps());
        }
    }

    private int accept() {
        acceptable = false;
        int count = 0;
        try {
            while (count < MAX_ACCEPTS_PER_CYCLE) {
                final SocketChannel channel = serverChannel.accept();
                if (channel == null) {
                    break;
                }
                count++;
                open(channel);
            }
        } catch (final IOException e) {
            // typically out of file descriptors: the backlog stays, so pause rather than spin
            acceptPaused = true;
            acceptPausedSinceNs = shared.nowNs();
            acceptKey.interestOps(0);
            shared.events().log(shared.nowNs(), "cannot accept connections: " + e.getMessage() +
                "; raise the limit of open files");
        }
        return count;
    }

    private void refuse(final SocketChannel channel, final ServerCounter counter, final String limit) {
        // counted and logged before the peer can see it
        shared.counters().increment(counter);
        shared.events().log(shared.nowNs(), "connection refused: limit reached: " + limit +
            "; close some or raise the limit");
        CloseHelper.quietClose(channel);
    }

    private void open(final SocketChannel channel) {
        if (connections.size() >= context.maxConnections()) {
            refuse(channel, ServerCounter.CONNECTIONS_REFUSED, "max.connections=" + context.maxConnections());
            return;
        }
        final InetAddress address = channel.socket().getInetAddress();
        if (connectionsByAddress.get(address) >= context.maxConnectionsPerAddress()) {
            refuse(channel, ServerCounter.CONNECTIONS_REFUSED_PER_ADDRESS, "max.connections.per.ip=" +
                context.maxConnectionsPerAddress() + " address=" + address);
            return;
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (context.socketSendBufferLength() > 0) {
                channel.setOption(StandardSocketOptions.SO_SNDBUF, context.socketSendBufferLength());
            }
            final SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            final Connection connection = new Connection(
                nextConnectionId++, address, String.valueOf(channel.getRemoteAddress()), channel, key, shared);
            key.attach(connection);
            connectionsByAddress.getAndIncrement(address);
            connection.listIndex = connections.size();
            connections.add(connection);
            shared.counters().increment(ServerCounter.CONNECTIONS_ACCEPTED);
            shared.counters().add(ServerCounter.CONNECTIONS_OPEN, 1);
        } catch (final IOException e) {
            CloseHelper.quietClose(channel);
            shared.events().log(shared.nowNs(), "connection lost while accepting: " + e.getMessage());
        }
    }

    /** Gives each connection that asked for it one turn; what they ask for meanwhile waits for the next cycle. */
    private int serve() {
        int workCount = 0;
        final long nowNs = shared.nowNs();
        boolean isOneClosed = false; // one at a time: those that all hold a part of the memory would all be closed
        for (int i = 0; i < stalled.size(); i++) {
            isOneClosed = isOneClosed || stalled.get(i).retryMemory(nowNs);
            shared.enqueue(stalled.get(i));
        }
        for (int i = 0; isOneClosed && i < stalled.size(); i++) {
            stalled.get(i).restartMemoryStall(nowNs);
        }
        stalled.clear();
        final ArrayDeque<Connection> queue = shared.queue();
        for (int i = queue.size(); i > 0; i--) {
            final Connection connection = queue.poll();
            connection.queued = false;
            if (!connection.isClosed()) {
                workCount += connection.work();
                if (!connection.isClosed() && connection.isStalled()) {
                    stalled.add(connection);
                }
            }
        }
        return workCount;
    }

    /**
     * One waits too long for memory. The slowest of those that could send the rest of their long request is closed, if
     * it had time enough, else the slowest of those that are as late with a short one; if all others wait for memory,
     * the one that has held some for the longest, since none of them can go on. One that holds nothing is never closed:
     * that would help nobody.
     *
     * @return whether one was closed
     */
    boolean relieveReceiveMemory() {
        final long nowNs = shared.nowNs();
        Connection slowest = null;
        Connection slowestShort = null;
        Connection oldest = null;
        for (int i = 0; i < connections.size(); i++) {
            final Connection connection = connections.get(i);
            if (connection.isHolding() &&
                (slowest == null || connection.holdingNs(nowNs) > slowest.holdingNs(nowNs))) {
                slowest = connection;
            }
            if (connection.isHoldingShort() &&
                (slowestShort == null || connection.holdingNs(nowNs) > slowestShort.holdingNs(nowNs))) {
                slowestShort = connection;
            }
            if (connection.isHoldingStalled() &&
                (oldest == null || connection.holdingNs(nowNs) > oldest.holdingNs(nowNs))) {
                oldest = connection;
            }
        }
        final long timeoutNs = context.memoryStallTimeoutNs();
        if ((slowest == null || slowest.holdingNs(nowNs) < timeoutNs)
            && slowestShort != null && slowestShort.holdingNs(nowNs) >= timeoutNs) {
            slowest = slowestShort;
        }
        if (slowest != null && slowest.holdingNs(nowNs) >= timeoutNs) {
            slowest.close(ServerCounter.CLOSED_NO_MEMORY, "others wait for the memory of a request that it did not " +
                "send within " + timeoutNs / 1_000_000 + " ms: " + memoryHeld() +
                "; send it faster, or raise receiveBudgetLength");
            return true;
        }
        if (slowest == null && oldest != null) {
            oldest.close(ServerCounter.CLOSED_NO_MEMORY, "no memory for its request within " + timeoutNs / 1_000_000 +
                " ms: " + memoryHeld() +
                "; lower the number or size of concurrent requests, or raise receiveBudgetLength");
            return true;
        }
        return false;
    }

    private String memoryHeld() {
        return "held=" + shared.receivePool().heldLength() + ", limit=" + context.receiveBudgetLength();
    }

    /** Closes the connections that hold most of the memory for replies, until there is enough for the others. */
    private void relieveReplyMemory() {
        final long budget = context.replyBudgetLength();
        if (shared.replyPool().heldLength() < budget) {
            return;
        }
        final List<Connection> largest = new ArrayList<>(connections);
        largest.forEach(Connection::measureReplyMemory);
        largest.sort(Comparator.comparingLong(Connection::measuredReplyLength).reversed());
        for (int i = 0; i < largest.size() && shared.replyPool().heldLength() >= budget - budget / 4; i++) {
            largest.get(i).close(ServerCounter.CLOSED_REPLY_MEMORY, "replies that it does not read, or requests that " +
                "wait, hold " + largest.get(i).measuredReplyLength() + " bytes of the budget of " + budget +
                " for all; read the replies, ask for less at a time, or raise queued.max.request.bytes");
        }
    }

    private void scan(final long nowNs) {
        lastScanNs = nowNs;
        for (int i = connections.size() - 1; i >= 0; i--) {
            final Connection connection = connections.get(i);
            if (connection.isIdle(nowNs, context.idleTimeoutNs())) {
                connection.close(ServerCounter.CLOSED_IDLE, "no traffic for " + context.idleTimeoutNs() / 1_000_000 +
                    " ms");
            }
        }
        relieveReplyMemory();
        if (acceptPaused && nowNs - acceptPausedSinceNs > ACCEPT_PAUSE_NS) {
            acceptPaused = false;
            acceptKey.interestOps(SelectionKey.OP_ACCEPT);
        }
    }
}
