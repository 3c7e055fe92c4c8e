package io.millrace.load.driver.lean;

import org.apache.kafka.common.protocol.Errors;

/** What an error code of a Produce answer means for the batch. */
final class KafkaErrors {
    static final short NONE = 0;
    static final short OUT_OF_ORDER_SEQUENCE = 45;
    static final short DUPLICATE_SEQUENCE = 46;

    private KafkaErrors() {
    }

    /**
     * {@return true if the same batch may be sent again}
     *
     * @param code of the answer
     */
    static boolean isRetriable(final short code) {
        return switch (code) {
            // CORRUPT, UNKNOWN_TOPIC, LEADER_NOT_AVAILABLE, NOT_LEADER, TIMED_OUT, NETWORK, NOT_ENOUGH_REPLICAS twice,
            // STORAGE_ERROR, FENCED and UNKNOWN leader epoch, THROTTLING
            case 2, 3, 5, 6, 7, 13, 19, 20, 56, 74, 75, 89 -> true;
            default -> false;
        };
    }

    /**
     * {@return true if the broker may hold the batch all the same}
     *
     * @param code of the answer
     */
    static boolean leavesFateOpen(final short code) {
        return code == 7 || code == 13 || code == 20 || code == 56;
    }

    /**
     * {@return true if somebody else may lead the partition now}
     *
     * @param code of the answer
     */
    static boolean asksForMetadata(final short code) {
        return switch (code) {
            case 3, 5, 6, 13, 56, 74, 75 -> true;
            default -> false;
        };
    }

    /**
     * {@return Kafka's name for it}
     *
     * @param code of the answer
     */
    static String name(final short code) {
        return Errors.forCode(code).name();
    }
}
