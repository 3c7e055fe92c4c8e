package io.millrace.load.driver.kafka;

import io.millrace.load.driver.ConsumerSession;
import io.millrace.load.driver.DeliveryListener;
import io.millrace.load.driver.DriverSession;
import io.millrace.load.driver.LoadDriver;
import io.millrace.load.driver.TargetUnreachableException;
import io.millrace.load.workload.Acks;
import io.millrace.load.workload.Payload;
import io.millrace.load.workload.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.NanoClock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Kafka's own producer, idempotent under acks=all as it is by default. */
public final class JavaDriver implements LoadDriver {
    private static final long MAX_REQUEST_TIMEOUT_MS = 30_000;
    private static final long MIN_BUFFER_LENGTH = 32L << 20;
    private static final long MAX_BUFFER_LENGTH = 128L << 20;
    private static final int RECORD_OVERHEAD_LENGTH = 128;

    private final Workload workload;
    private final String bootstrap;
    private final List<String> topics;
    private final Payload payload;
    private final long runId;
    private final NanoClock clock;

    /**
     * @param workload  what is sent and how
     * @param bootstrap brokers, host:port with commas
     * @param topic     records go to; exists
     * @param runId     of every record
     * @param clock     of the acknowledgements
     */
    public JavaDriver(
        final Workload workload,
        final String bootstrap,
        final String topic,
        final long runId,
        final NanoClock clock) {
        this.workload = workload;
        this.bootstrap = bootstrap;
        topics = workload.topicNames(topic);
        payload = Payload.of(workload.payload(), workload.seed());
        this.runId = runId;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "java";
    }

    @Override
    public String description() {
        return "java driver: kafka-clients " + clientVersion() + ", "
            + (workload.acks() == Acks.ALL ? "idempotent" : "not idempotent") + ", its defaults but for "
            + "batch size, linger, acks, compression and time-outs";
    }

    @Override
    public DriverSession open(final int[] producerIds, final DeliveryListener listener) {
        final JavaSession session =
            new JavaSession(workload, producerIds.length, listener, clock);
        try {
            for (int i = 0; i < producerIds.length; i++) {
                final KafkaProducer<byte[], byte[]> client = new KafkaProducer<>(properties(producerIds[i]));
                session.add(new JavaProducer(session, workload, producerIds[i], topics, payload, runId, client));
                topics.forEach(client::partitionsFor); // the first record is not to wait for it
            }
        } catch (final KafkaException ex) {
            session.close();
            throw new TargetUnreachableException("the java client cannot use " + bootstrap + ": " + ex.getMessage()
                + "; check that the cluster runs and that its advertised addresses are reachable from here", ex);
        }
        return session;
    }

    @Override
    public ConsumerSession openConsumer(final int[] lanes, final long[] startOffsets) {
        try {
            return new JavaConsumer(bootstrap, topics, workload.partitions(), lanes, startOffsets);
        } catch (final KafkaException ex) {
            throw new TargetUnreachableException("the java client cannot read from " + bootstrap + ": "
                + ex.getMessage() + "; check that the cluster runs", ex);
        }
    }

    @Override
    public void close() {
    }

    /** The version as the jar tells it; its class for that is an internal one. */
    private static String clientVersion() {
        try (InputStream in = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            final Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "unknown");
        } catch (final IOException ex) {
            return "unknown";
        }
    }

    private Properties properties(final int producerId) {
        final long deliveryMs = TimeUnit.NANOSECONDS.toMillis(workload.deliveryTimeoutNs());
        final long lingerMs = TimeUnit.NANOSECONDS.toMillis(workload.lingerNs());
        final long requestMs = Math.max(1, Math.min(MAX_REQUEST_TIMEOUT_MS, deliveryMs - lingerMs));
        final long window = (long) workload.inFlightCount() / workload.producers() + 1;
        final long buffer = Math.max(MIN_BUFFER_LENGTH, Math.min(MAX_BUFFER_LENGTH,
            window * (workload.lengths().maxLength() + RECORD_OVERHEAD_LENGTH)));
        final Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ProducerConfig.CLIENT_ID_CONFIG, "millrace-bench-" + producerId);
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        properties.put(ProducerConfig.ACKS_CONFIG, String.valueOf(workload.acks().code()));
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, String.valueOf(workload.acks() == Acks.ALL));
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, String.valueOf(workload.batchLength()));
        properties.put(ProducerConfig.LINGER_MS_CONFIG, String.valueOf(lingerMs));
        properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, workload.compression().word());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(requestMs));
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, String.valueOf(deliveryMs));
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, "10000");
        properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, String.valueOf(2 << 20));
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, String.valueOf(buffer));
        return properties;
    }
}
