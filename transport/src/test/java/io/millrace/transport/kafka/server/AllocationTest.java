package io.millrace.transport.kafka.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.transport.kafka.client.LeanConnection;
import io.millrace.transport.kafka.client.LeanConnectionConfiguration;
import io.millrace.transport.kafka.client.LeanResponseHandler;
import io.millrace.transport.kafka.client.RecordBatchTemplate;
import io.millrace.transport.kafka.codec.ProduceRequestCursor;
import io.millrace.transport.kafka.codec.ProduceResponseEncoder;
import io.millrace.transport.kafka.codec.RequestHeader;
import java.lang.management.ManagementFactory;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server and lean client on one thread, so that all their garbage is counted. */
@Timeout(300)
class AllocationTest {
    private static final int WARM_UP_COUNT = 20_000;
    private static final int COUNT = 20_000;

    private long answeredCount;

    @Test
    void shouldAllocateNothingPerProduceRequest() {
        final KafkaServerAgent agent = new KafkaServerAgent(new KafkaServerContext().port(0), new Answering());
        agent.bind();
        try (LeanConnection client = new LeanConnection("127.0.0.1", agent.port(),
            LeanConnectionConfiguration.defaults("test"), SystemNanoClock.INSTANCE)) {
            final LeanResponseHandler counting = new Counting();
            while (!client.isReady()) {
                agent.doWork();
                client.poll(counting);
            }
            final RecordBatchTemplate template = new RecordBatchTemplate(10, -1, 100, null);
            produce(agent, client, counting, template, WARM_UP_COUNT);
            final com.sun.management.ThreadMXBean threads =
                (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
            final long before = threads.getCurrentThreadAllocatedBytes();
            produce(agent, client, counting, template, COUNT);
            final long perRequest = (threads.getCurrentThreadAllocatedBytes() - before) / COUNT;
            assertEquals(WARM_UP_COUNT + COUNT, answeredCount);
            // the JDK's selector may allocate now and then; the code here does not
            assertTrue(perRequest < 16, "bytes allocated per request: " + perRequest);
        } finally {
            agent.onClose();
        }
    }

    private static void produce(
        final KafkaServerAgent agent,
        final LeanConnection client,
        final LeanResponseHandler handler,
        final RecordBatchTemplate template,
        final int count) {
        for (int i = 0; i < count; i++) {
            template.timestamp(i);
            final int length = template.seal(10);
            while (!client.offerProduce(
                ServerHarness.TOPIC, 0, (short) -1, 1000, template.sealedBuffer(), 0, length, i)) {
                client.poll(handler);
                agent.doWork();
            }
            if (i % 8 == 0) {
                client.poll(handler);
                agent.doWork();
            }
        }
        while (client.inFlightCount() > 0) {
            client.poll(handler);
            agent.doWork();
        }
    }

    /** Counts the answers. */
    private final class Counting implements LeanResponseHandler {
        @Override
        public void onProduceResponse(final long token, final short errorCode, final long baseOffset) {
            answeredCount++;
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
            throw new AssertionError("nothing was fetched");
        }

        @Override
        public void onDisconnect(final String reason) {
            throw new AssertionError(reason);
        }
    }

    /** Answers Produce at once. */
    private static final class Answering implements RequestHandler {
        private final ProduceRequestCursor produce = new ProduceRequestCursor();
        private final ProduceResponseEncoder response = new ProduceResponseEncoder();

        @Override
        public int onRequest(
            final RequestHeader header,
            final DirectBuffer buffer,
            final int bodyIndex,
            final int bodyLength,
            final ReplySlot slot) {
            produce.wrap(header.apiVersion(), buffer, bodyIndex, bodyLength);
            response.begin(slot, header.apiVersion(), produce.topicCount());
            while (produce.next()) {
                response.topic(buffer, produce.topicIndex(), produce.topicLength(), produce.topicPartitionCount());
                response.partition(produce.partitionId());
            }
            slot.complete(response.end());
            return ACCEPTED;
        }

        @Override
        public void onAbandoned(final ReplySlot slot) {
            slot.completeWithoutReply();
        }

        @Override
        public void onExpired(final ReplySlot slot) {
            slot.completeWithoutReply();
        }

        @Override
        public int doWork(final long nowNs) {
            return 0;
        }
    }
}
