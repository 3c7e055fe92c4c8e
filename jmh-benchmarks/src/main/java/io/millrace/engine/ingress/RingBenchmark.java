package io.millrace.engine.ingress;

import io.millrace.engine.rig.Flags;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.CloseHelper;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Question: which queue brings messages fastest from one or two threads into one stretch of memory of another thread,
 * from where a single write call can take them? Agrona's rings carry the bytes themselves, so what is read lies in a
 * row; JCTools' queues and the JDK's ArrayBlockingQueue carry buffers of a pool, which the consumer has to copy into a
 * row and give back. One operation is one message. Baseline: {@link #baselineCopy}, the one copy that every way needs.
 *
 * <p>Why ManyToOneRingBuffer though one thread could use the other: a shard is fed by every network thread. What it
 * hides: the consumer looks at a message and does nothing with it; each way has 16 MiB for messages on their way, which
 * are counted when they are offered.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(value = 3, jvmArgsPrepend = {Flags.OPEN_MISC, Flags.OPEN_NIO, Flags.HEAP_MIN, Flags.HEAP_MAX})
public class RingBenchmark {
    /** What the ways have in common: the consuming thread. */
    @State(Scope.Benchmark)
    public abstract static class Consumer implements Agent {
        /** Bytes of a message. */
        @Param({"128", "1024", "16384"})
        public int length;

        private Handover handover;
        private AgentRunner runner;

        void start(final String ring, final int producerCount) {
            handover = Handover.of(ring, length, producerCount);
            runner = new AgentRunner(new BackoffIdleStrategy(), Throwable::printStackTrace, null, this);
            AgentRunner.startOnThread(runner);
        }

        /** Stops the consuming thread. */
        @TearDown
        public void close() {
            CloseHelper.close(runner);
        }

        @Override
        public int doWork() {
            return handover.drain();
        }

        @Override
        public String roleName() {
            return "consumer";
        }
    }

    /** For one producer. */
    @State(Scope.Benchmark)
    public static class ForOne extends Consumer {
        /** The way. */
        @Param({"many-to-one", "one-to-one", "jctools-mpsc", "jctools-spsc", "array-blocking"})
        public String ring;

        /** Starts the consumer. */
        @Setup
        public void open() {
            start(ring, 1);
        }
    }

    /** For two producers. */
    @State(Scope.Benchmark)
    public static class ForTwo extends Consumer {
        /** The way. */
        @Param({"many-to-one", "jctools-mpsc", "array-blocking"})
        public String ring;

        /** Starts the consumer. */
        @Setup
        public void open() {
            start(ring, 2);
        }
    }

    /** What a producing thread has to itself. */
    @State(Scope.Thread)
    public static class Producer {
        private static final int MAX_LENGTH = 16 * 1024;

        private final UnsafeBuffer message = new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(MAX_LENGTH, BitUtil.CACHE_LINE_LENGTH));
        private final UnsafeBuffer target = new UnsafeBuffer(
            BufferUtil.allocateDirectAligned(MAX_LENGTH, BitUtil.CACHE_LINE_LENGTH));
        private int index;

        /**
         * Takes its number.
         *
         * @param params of the thread
         */
        @Setup
        public void number(final ThreadParams params) {
            index = params.getThreadIndex();
        }

        void offer(final Consumer consumer) {
            final Handover handover = consumer.handover;
            while (!handover.offer(index, message, consumer.length)) {
                Thread.yield();
            }
        }
    }

    /**
     * One producer.
     *
     * @param consumer takes the messages
     * @param producer this thread's
     */
    @Benchmark
    @Threads(1)
    public void oneProducer(final ForOne consumer, final Producer producer) {
        producer.offer(consumer);
    }

    /**
     * Two producers; the score is that of both together.
     *
     * @param consumer takes the messages
     * @param producer this thread's
     */
    @Benchmark
    @Threads(2)
    public void twoProducers(final ForTwo consumer, final Producer producer) {
        producer.offer(consumer);
    }

    /** Length of the baseline's copy. */
    @State(Scope.Benchmark)
    public static class Length {
        /** Bytes of a message. */
        @Param({"128", "1024", "16384"})
        public int length;
    }

    /**
     * {@return something of the copy, so that it is made}
     *
     * @param state    knows the length
     * @param producer holds the message
     */
    @Benchmark
    @Threads(1)
    public byte baselineCopy(final Length state, final Producer producer) {
        producer.target.putBytes(0, producer.message, 0, state.length);
        return producer.target.getByte(state.length - 1);
    }
}
