package io.millrace.load.driver.lean;

import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverProducer;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.Workload;
import io.millrace.transport.kafka.client.LeanConnectionConfiguration;
import io.millrace.transport.kafka.client.LeanSelector;
import io.millrace.transport.kafka.client.TopicName;
import io.millrace.transport.kafka.message.InitProducerId;
import io.millrace.transport.kafka.message.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.EpochClock;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochClock;

/** All lanes and links of one sending thread, which owns it. */
final class LeanSession implements DriverSession {
    private static final long CONNECT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long MAX_REQUEST_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long MIN_PARK_NS = TimeUnit.MICROSECONDS.toNanos(10);
    private static final long FULL_POLL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long SHORTEST_SELECT_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MIN_WINDOW_LENGTH = 1 << 20;
    private static final int BATCHES_PER_WINDOW = 4;
    private static final int MAX_RESPONSE_LENGTH = 1 << 20;

    private final Workload workload;
    private final long runId;
    private final TopicName[] topics;
    private final NanoClock clock;
    private final EpochClock epochClock = SystemEpochClock.INSTANCE;
    private final DeliveryListener listener;
    private final ClusterView view;
    private final LeanSelector selector = new LeanSelector();
    private final BatchPool pool;
    private final LeanConnectionConfiguration configuration;
    private final LeanProducer[] producers;
    private final List<Lane> activeLanes = new ArrayList<>();
    /** By node; each node has as many links as connections were asked for. */
    private final List<Link> links = new ArrayList<>();
    private final Link[][] linksByPartition;
    private final long answerParkNs;
    private final int timeoutMs;
    private final int window;

    private long viewVersion;
    private long lastFullPollNs;
    private int inFlightCount;
    private long nowNs;
    private boolean isDraining;

    LeanSession(
        final Workload workload,
        final long runId,
        final List<String> topics,
        final Payload payload,
        final int[] producerIds,
        final List<InitProducerId.Response> kafkaIds,
        final ClusterView view,
        final DeliveryListener listener,
        final NanoClock clock) {
        this.workload = workload;
        this.runId = runId;
        this.topics = topics.stream().map(TopicName::new).toArray(TopicName[]::new);
        this.clock = clock;
        this.listener = listener;
        this.view = view;
        this.pool = new BatchPool(workload, payload);
        this.nowNs = clock.nanoTime();
        this.lastFullPollNs = nowNs;
        answerParkNs = Math.max(MIN_PARK_NS, workload.wakeIntervalNs());
        final long timeoutNs = Math.min(MAX_REQUEST_TIMEOUT_NS, workload.deliveryTimeoutNs());
        timeoutMs = (int) TimeUnit.NANOSECONDS.toMillis(timeoutNs);
        window = Math.max(1, (int) ((long) workload.inFlightCount() * producerIds.length / workload.producers()));
        configuration = new LeanConnectionConfiguration(LeanDriver.CLIENT_ID,
            Math.max(MIN_WINDOW_LENGTH, BATCHES_PER_WINDOW * workload.batchLength()),
            LeanConnectionConfiguration.MAX_IN_FLIGHT_COUNT_DEFAULT, MAX_RESPONSE_LENGTH,
            timeoutNs + TimeUnit.SECONDS.toNanos(2));
        linksByPartition = new Link[workload.laneCount()][];
        producers = new LeanProducer[producerIds.length];
        for (int i = 0; i < producers.length; i++) {
            producers[i] = new LeanProducer(this, producerIds[i], workload, kafkaIds.get(i));
        }
        applyView();
    }

    /** Waits until every leader is connected. */
    void connect() {
        final long deadlineNs = clock.nanoTime() + CONNECT_TIMEOUT_NS;
        while (!links.stream().allMatch(Link::isReady)) {
            nowNs = clock.nanoTime();
            if (nowNs - deadlineNs > 0) {
                final Link missing = links.stream().filter(link -> !link.isReady()).findFirst().orElseThrow();
                throw new TargetUnreachableException("broker not reachable within "
                    + TimeUnit.NANOSECONDS.toSeconds(CONNECT_TIMEOUT_NS) + " s: " + missing.lastFailure()
                    + "; check that it runs and that its advertised address is reachable from here", null);
            }
            links.forEach(link -> link.poll(nowNs));
            selector.await(1_000_000);
        }
    }

    @Override
    public DriverProducer producer(final int index) {
        return producers[index];
    }

    @Override
    public int poll(final long now) {
        nowNs = now;
        if (view.snapshot().version() != viewVersion) {
            applyView();
        }
        // One look at all sockets instead of a read from each; time-outs need a turn of every link now and then.
        final boolean isAnyReady = selector.await(0) > 0 || now - lastFullPollNs > FULL_POLL_NS;
        if (isAnyReady) {
            lastFullPollNs = now;
        }
        int workCount = pollLinks(now, isAnyReady);
        final int sent = serveLanes(now);
        if (sent > 0) {
            workCount += pollLinks(now, false);
        }
        return workCount + sent;
    }

    @Override
    public int inFlightCount() {
        return inFlightCount;
    }

    @Override
    public long nextDeadlineNs(final long now) {
        long earliestNs = Long.MAX_VALUE;
        if (lingerNs() > 0) {
            for (int i = 0; i < activeLanes.size(); i++) {
                final long endNs = activeLanes.get(i).lingerEndNs();
                earliestNs = earliestNs == Long.MAX_VALUE || endNs - earliestNs < 0 ? endNs : earliestNs;
            }
        }
        return earliestNs;
    }

    @Override
    public void await(final long maxNs) {
        if (maxNs >= SHORTEST_SELECT_NS) {
            selector.await(maxNs);
        } else {
            LockSupport.parkNanos(Math.min(maxNs, answerParkNs)); // the next poll looks
        }
    }

    @Override
    public void drain() {
        isDraining = true;
    }

    @Override
    public void close() {
        for (final LeanProducer producer : producers) {
            producer.close();
        }
        links.forEach(Link::close);
        selector.close();
        view.close();
    }

    // Asked by lanes and links, all on the sending thread.

    long runId() {
        return runId;
    }

    long nowNs() {
        return nowNs;
    }

    long epochMs() {
        return epochClock.time();
    }

    NanoClock clock() {
        return clock;
    }

    long lingerNs() {
        return isDraining ? 0 : workload.lingerNs();
    }

    LeanSelector selector() {
        return selector;
    }

    LeanConnectionConfiguration connectionConfiguration() {
        return configuration;
    }

    boolean isAnswered() {
        return workload.acks() != Acks.NONE;
    }

    boolean hasRoom() {
        return inFlightCount < window;
    }

    boolean isLingerOver(final Batch batch, final long now) {
        return now - batch.sentNs(0) >= lingerNs();
    }

    boolean isOverdue(final Batch batch, final long now) {
        return now - batch.sentNs(0) > workload.deliveryTimeoutNs();
    }

    Batch takeBatch() {
        return pool.take();
    }

    ClusterView.IdRequest requestProducerId() {
        return view.requestProducerId();
    }

    void activate(final Lane lane) {
        if (!lane.isActive) {
            lane.isActive = true;
            activeLanes.add(lane);
        }
    }

    Link linkOf(final int partition) {
        final Link[] choice = linksByPartition[partition];
        if (choice == null) {
            view.requestRefresh();
            return null;
        }
        return choice[partition % choice.length];
    }

    boolean offer(final Link link, final int partition, final Batch batch) {
        final int partitions = workload.partitions();
        return link.offer(
            topics[partition / partitions], partition % partitions, workload.acks().code(), timeoutMs, batch);
    }

    void onTaken(final int producerId, final int partition, final int sequence, final long dueNs, final long sentNs) {
        inFlightCount++;
        listener.onSent(producerId, partition, sequence, dueNs, sentNs);
    }

    void onAnswer(final long token, final short errorCode) {
        final Batch batch = pool.get(token);
        if (KafkaErrors.asksForMetadata(errorCode)) {
            view.requestRefresh();
        }
        batch.lane.onAnswer(batch, errorCode);
    }

    void onDisconnect(final Link link) {
        view.requestRefresh();
        for (final LeanProducer producer : producers) {
            producer.onDisconnect(link);
        }
    }

    void onEvent(final String name, final String detail) {
        listener.onEvent(name, detail);
    }

    void complete(final Batch batch) {
        final long ackedNs = clock.nanoTime();
        final int producerId = batch.lane.producer.producerId();
        final int partition = batch.lane.partition;
        for (int i = 0; i < batch.count(); i++) {
            listener.onAcked(producerId, partition, batch.sequence(i), batch.dueNs(i), batch.sentNs(i), ackedNs);
        }
        inFlightCount -= batch.count();
        pool.give(batch);
    }

    void fail(final Batch batch, final String error) {
        final long failedNs = clock.nanoTime();
        final int producerId = batch.lane.producer.producerId();
        for (int i = 0; i < batch.count(); i++) {
            listener.onFailed(producerId, batch.lane.partition, batch.sequence(i), batch.dueNs(i), failedNs, error);
        }
        inFlightCount -= batch.count();
        pool.give(batch);
    }

    private int pollLinks(final long now, final boolean isAll) {
        int workCount = 0;
        for (int i = 0; i < links.size(); i++) {
            final Link link = links.get(i);
            if (isAll || link.isBusy()) {
                workCount += link.poll(now);
            }
        }
        return workCount;
    }

    private int serveLanes(final long now) {
        int sent = 0;
        for (int i = activeLanes.size() - 1; i >= 0; i--) {
            final Lane lane = activeLanes.get(i);
            sent += lane.send(now);
            if (!lane.hasOpen() || now - lane.lingerEndNs() >= 0) {
                lane.producer.onLaneServed(lane);
            }
            if (lane.isEmpty()) {
                lane.isActive = false;
                final Lane last = activeLanes.remove(activeLanes.size() - 1);
                if (last != lane) {
                    activeLanes.set(i, last);
                }
            }
        }
        return sent;
    }

    private void applyView() {
        final ClusterView.Snapshot snapshot = view.snapshot();
        viewVersion = snapshot.version();
        for (int partition = 0; partition < linksByPartition.length; partition++) {
            final Metadata.Broker leader = snapshot.leader(partition);
            linksByPartition[partition] = leader == null ? null : linksTo(leader);
        }
    }

    private Link[] linksTo(final Metadata.Broker broker) {
        final Link[] found = links.stream().filter(link -> link.isAt(broker.host(), broker.port()))
            .toArray(Link[]::new);
        if (found.length > 0) {
            return found;
        }
        final Link[] made = new Link[workload.connections()];
        for (int i = 0; i < made.length; i++) {
            made[i] = new Link(this, broker.host(), broker.port(), nowNs);
            links.add(made[i]);
        }
        return made;
    }
}
