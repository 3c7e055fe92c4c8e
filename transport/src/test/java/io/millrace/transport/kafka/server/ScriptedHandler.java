package io.millrace.transport.kafka.server;

import static java.nio.ByteOrder.BIG_ENDIAN;

import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.FetchRequestCursor;
import io.millrace.transport.kafka.codec.FetchResponseEncoder;
import io.millrace.transport.kafka.codec.ProduceRequestCursor;
import io.millrace.transport.kafka.codec.ProduceResponseEncoder;
import io.millrace.transport.kafka.codec.RequestHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/**
 * Answers Produce with the batch's own first 8 bytes as base offset and Fetch from a file; holds, refuses or fails
 * requests as a test asks. Owned by the network thread, except the fields a test sets.
 */
final class ScriptedHandler implements RequestHandler {
    final AtomicBoolean hold = new AtomicBoolean();
    final AtomicBoolean refuse = new AtomicBoolean();
    final AtomicInteger abandonedCount = new AtomicInteger();
    final AtomicInteger expiredCount = new AtomicInteger();
    final AtomicInteger releasedCount = new AtomicInteger();
    final AtomicInteger heldCount = new AtomicInteger();
    final AtomicInteger offerCount = new AtomicInteger();
    final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    final List<ReplySlot> held = new ArrayList<>();
    volatile long expireAfterNs = -1;
    /** How long the last expired slot had waited, from the duty cycle that took it to the one that gave it up. */
    volatile long expiredAfterNs;
    volatile long nowNs;
    volatile FetchScript fetchScript;
    volatile Consumer<ReplySlot> coldScript = slot -> slot.fail("not scripted");
    volatile Consumer<ReplySlot> abandonScript = ReplySlot::completeWithoutReply;
    volatile Consumer<ReplySlot> expiryScript = this::finish;

    private long takenAtNs;
    private final ProduceRequestCursor produce = new ProduceRequestCursor();
    private final ProduceResponseEncoder produceResponse = new ProduceResponseEncoder();
    private final FetchRequestCursor fetch = new FetchRequestCursor();
    private final FetchResponseEncoder fetchResponse = new FetchResponseEncoder();

    /** Adds batches to a partition's answer. */
    interface FetchScript {
        void batches(long fetchOffset, FetchResponseEncoder encoder);
    }

    @Override
    public int onRequest(
        final RequestHeader header,
        final DirectBuffer buffer,
        final int bodyIndex,
        final int bodyLength,
        final ReplySlot slot) {
        offerCount.incrementAndGet();
        if (refuse.get()) {
            return BACK_PRESSURE;
        }
        if (header.apiKey() == ApiTable.PRODUCE) {
            onProduce(header, buffer, bodyIndex, bodyLength, slot);
        } else if (header.apiKey() == ApiTable.FETCH) {
            onFetch(header, buffer, bodyIndex, bodyLength, slot);
        } else {
            coldScript.accept(slot);
        }
        return ACCEPTED;
    }

    @Override
    public void onAbandoned(final ReplySlot slot) {
        abandonedCount.incrementAndGet();
        held.remove(slot);
        abandonScript.accept(slot);
    }

    @Override
    public void onExpired(final ReplySlot slot) {
        expiredAfterNs = System.nanoTime() - takenAtNs;
        expiredCount.incrementAndGet();
        held.remove(slot);
        expiryScript.accept(slot);
    }

    @Override
    public int doWork(final long atNs) {
        nowNs = atNs;
        int count = 0;
        Runnable command;
        while ((command = commands.poll()) != null) {
            command.run();
            count++;
        }
        return count;
    }

    void finish(final ReplySlot slot) {
        slot.complete((Integer) slot.attachment());
    }

    private void onProduce(
        final RequestHeader header,
        final DirectBuffer buffer,
        final int bodyIndex,
        final int bodyLength,
        final ReplySlot slot) {
        produce.wrap(header.apiVersion(), buffer, bodyIndex, bodyLength);
        if (produce.acks() == 0) {
            slot.completeWithoutReply();
            return;
        }
        produceResponse.begin(slot, header.apiVersion(), produce.topicCount());
        while (produce.next()) {
            if (produce.isNewTopic()) {
                produceResponse.topic(buffer, produce.topicIndex(), produce.topicLength(),
                    produce.topicPartitionCount());
            }
            final int entry = produceResponse.partition(produce.partitionId());
            ProduceResponseEncoder.patch(slot.ensureCapacity(0), header.apiVersion(), entry, (short) 0,
                buffer.getLong(produce.recordsIndex(), BIG_ENDIAN), 0);
        }
        slot.attach(produceResponse.end());
        if (expireAfterNs >= 0) {
            takenAtNs = nowNs;
            slot.expireAt(nowNs + expireAfterNs);
        }
        if (hold.get()) {
            held.add(slot);
            heldCount.incrementAndGet();
        } else {
            finish(slot);
        }
    }

    private void onFetch(
        final RequestHeader header,
        final DirectBuffer buffer,
        final int bodyIndex,
        final int bodyLength,
        final ReplySlot slot) {
        fetch.wrap(header.apiVersion(), buffer, bodyIndex, bodyLength);
        fetchResponse.begin(slot, header.apiVersion(), (short) 0, fetch.topicCount());
        while (fetch.next()) {
            if (fetch.isNewTopic()) {
                fetchResponse.topic(buffer, fetch.topicIndex(), fetch.topicLength(), fetch.topicPartitionCount());
            }
            fetchResponse.partition(fetch.partitionId(), (short) 0, 1_000_000, 0);
            fetchScript.batches(fetch.fetchOffset(), fetchResponse);
        }
        slot.complete(fetchResponse.end(), released -> releasedCount.incrementAndGet());
    }
}
