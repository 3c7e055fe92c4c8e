package io.millrace.broker.metadata.cluster;

import io.aeron.exceptions.AeronException;
import io.millrace.broker.metadata.Commands;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataProxy;
import io.millrace.broker.metadata.MetadataQuorum;
import io.millrace.broker.metadata.MetadataResult;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.CloseHelper;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/** A broker's metadata thread: a node of the quorum and the broker's session with it. Any thread may call it. */
final class TestBroker implements AutoCloseable {
    private final ClusterMetadataConfiguration configuration;
    private final long incarnation;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> notices = new ConcurrentLinkedQueue<>();
    private final Queue<Long> versions = new ConcurrentLinkedQueue<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private final Thread thread;
    private volatile ClusterMetadataQuorum quorum;
    private volatile ClusterMetadataNode node;
    private volatile MetadataResult registration;
    private volatile boolean leader;
    private volatile long snapshotCount;
    private volatile boolean hung;
    private volatile long hungSinceNs;
    private volatile long cycleCount;
    private volatile boolean silent;
    private volatile boolean deaf;
    private volatile boolean undriven;
    private volatile boolean running = true;

    TestBroker(final ClusterMetadataConfiguration configuration, final long incarnation) {
        this.configuration = configuration;
        this.incarnation = incarnation;
        thread = new Thread(this::run, "test-broker-" + configuration.self().id());
        thread.start();
    }

    private void run() {
        try {
            node = ClusterMetadataNode.launch(configuration, null, notices::add, this::onError);
            final ClusterMetadataQuorum session = node.newQuorum(
                (image, previous) -> versions.add(image.version()), nowNs -> !silent);
            session.register(
                Commands.register(brokerId(), incarnation), result -> registration = result);
            quorum = session;
            started.countDown();
            drive(session);
        } catch (final RuntimeException | Error ex) {
            failures.add(ex);
        } finally {
            started.countDown();
            CloseHelper.quietCloseAll(quorum, node);
        }
    }

    /** Warnings tell of a busy machine: a member that has to try again. */
    private void onError(final Throwable error) {
        if (!(error instanceof AeronException warning && warning.category() == AeronException.Category.WARN)) {
            failures.add(error);
        }
    }

    private void drive(final ClusterMetadataQuorum session) {
        final IdleStrategy idle =
            new BackoffIdleStrategy(1, 1, TimeUnit.MICROSECONDS.toNanos(50), TimeUnit.MILLISECONDS.toNanos(5));
        while (running) {
            int workCount = 0;
            if (!hung) {
                final long nowNs = System.nanoTime();
                workCount = node.doWork(nowNs);
                if (!undriven) {
                    workCount += node.isAdmitted() && !deaf ? session.doWork(nowNs) : session.keepAlive();
                }
                leader = node.isLeader();
                snapshotCount = node.snapshotCount();
                cycleCount++;
            }
            idle.idle(workCount);
        }
    }

    int brokerId() {
        return configuration.self().id() + 1;
    }

    boolean isLeader() {
        return leader;
    }

    long snapshotCount() {
        return snapshotCount;
    }

    MetadataImage image() {
        return quorum == null ? MetadataImage.EMPTY : quorum.image();
    }

    MetadataQuorum.State state() {
        return quorum == null ? MetadataQuorum.State.CONNECTING : quorum.state();
    }

    boolean died() {
        return running && !thread.isAlive();
    }

    MetadataResult registration() {
        return registration;
    }

    MetadataProxy proxy() {
        return quorum.proxy();
    }

    long silenceNs() {
        return System.nanoTime() - quorum.lastHeardNs();
    }

    /** {@return how long the lease runs still, negative when it has ended} */
    long leaseNs() {
        return quorum.leaseEndNs() - System.nanoTime();
    }

    long leaseEndNs() {
        return quorum.leaseEndNs();
    }

    Queue<Long> versions() {
        return versions;
    }

    Queue<String> notices() {
        return notices;
    }

    Queue<Throwable> failures() {
        return failures;
    }

    ClusterMetadataNode node() {
        return node;
    }

    /** Like a process that was stopped: nothing of driver, consensus module and session runs any more. */
    void hang() {
        hungSinceNs = System.nanoTime();
        hung = true;
    }

    /** {@return how long it hung} */
    long resume() {
        hung = false;
        return System.nanoTime() - hungSinceNs;
    }

    long cycleCount() {
        return cycleCount;
    }

    /** {@return whether its part of the quorum has ended for good, as after too long a pause} */
    boolean isTerminated() {
        return isSessionTerminated() || node != null && node.isTerminated();
    }

    /** The node goes on, the broker sends no keep-alives. */
    void silence(final boolean newSilent) {
        silent = newSilent;
    }

    /** The node goes on, the broker's session is not driven: nothing is polled and nothing sent. */
    void deaf(final boolean newDeaf) {
        deaf = newDeaf;
    }

    /** The node goes on, the broker's session and its client get no time at all. */
    void undriven(final boolean newUndriven) {
        undriven = newUndriven;
    }

    boolean isSessionTerminated() {
        return quorum != null && quorum.isTerminated();
    }

    boolean awaitStart() throws InterruptedException {
        return started.await(TestQuorum.DEADLINE_NS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        running = false;
        try {
            thread.join();
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        }
    }
}
