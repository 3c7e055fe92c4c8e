package io.millrace.broker.api;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.group.GroupErrors;
import io.millrace.broker.metadata.BrokerInfo;
import io.millrace.broker.metadata.MetadataCommand;
import io.millrace.broker.metadata.MetadataErrors;
import io.millrace.broker.metadata.MetadataImage;
import io.millrace.broker.metadata.MetadataResult;
import io.millrace.broker.metadata.TopicInfo;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.message.FindCoordinator;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * FindCoordinator: the leader of the group's partition of the offsets topic, which is created when it is first asked
 * for. Owned by the network thread.
 */
final class CoordinatorFinder {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final int SHARDS_PER_BROKER = 1;
    private static final int MAX_WAITING_COUNT = 1000;
    /** Keys of a request that may wait: each change of a leader looks for all of them again. */
    private static final int MAX_WAITING_KEY_COUNT = 100;
    private static final int MAX_KEY_COUNT = 10_000;
    private static final String TOO_MANY_KEYS = "ask for " + MAX_KEY_COUNT + " at most";
    private static final int FIRST_BATCHED_VERSION = 4;

    private final BrokerConfig config;
    private final TopicDirectory topics;
    private final QuorumCaller quorum;
    private final RandomGenerator random;
    private final List<Search> waiting = new ArrayList<>();
    private boolean isCreating;
    private String problem;

    CoordinatorFinder(final BrokerConfig config, final TopicDirectory topics, final QuorumCaller quorum,
        final RandomGenerator random) {
        this.config = config;
        this.topics = topics;
        this.quorum = quorum;
        this.random = random;
    }

    /** {@return the partition of a group} */
    static int partition(final String groupId, final int count) {
        return (groupId.hashCode() & 0x7fffffff) % count;
    }

    void handle(final FindCoordinator.Request asked, final ReplySlot slot, final long nowNs) {
        final FindCoordinator.Request request = firstOf(asked);
        final Search search = new Search(slot, request);
        final List<FindCoordinator.Coordinator> found = answer(request, slot.apiVersion());
        final boolean isFound = found.stream().allMatch(
            one -> one.errorCode() != GroupErrors.COORDINATOR_NOT_AVAILABLE);
        if (isFound || waiting.size() >= MAX_WAITING_COUNT || request.keys().size() > MAX_WAITING_KEY_COUNT) {
            for (int i = request.keys().size(); i < asked.keys().size(); i++) {
                found.add(refuse(asked.keys().get(i), KafkaErrors.INVALID_REQUEST, TOO_MANY_KEYS));
            }
            search.call.answer(new FindCoordinator.Response(found));
        } else {
            slot.expireAt(nowNs + PATIENCE_NS);
            waiting.add(search);
        }
    }

    private static FindCoordinator.Request firstOf(final FindCoordinator.Request asked) {
        return asked.keys().size() <= MAX_KEY_COUNT ? asked
            : new FindCoordinator.Request(asked.keys().subList(0, MAX_KEY_COUNT), asked.keyType());
    }

    /** The topic may be there now, or have leaders again. {@return how many were answered} */
    int onProgress() {
        final int before = waiting.size();
        waiting.removeIf(search -> {
            if (search.isGone) {
                return true;
            }
            final List<FindCoordinator.Coordinator> found = answer(search.request, search.version);
            final boolean isFound = found.stream().allMatch(
                one -> one.errorCode() != GroupErrors.COORDINATOR_NOT_AVAILABLE);
            if (isFound) {
                search.call.answer(new FindCoordinator.Response(found));
            }
            return isFound;
        });
        return before - waiting.size();
    }

    private List<FindCoordinator.Coordinator> answer(final FindCoordinator.Request request, final short version) {
        final List<FindCoordinator.Coordinator> found = new ArrayList<>();
        request.keys().forEach(key -> found.add(request.keyType() == FindCoordinator.GROUP
            ? answer(key) : refuseType(key, request.keyType(), version)));
        return found;
    }

    /**
     * Not COORDINATOR_NOT_AVAILABLE: clients would ask again until their own time is up and never say why. librdkafka,
     * which asks in an old version, does the same with all errors but those of authorization; the Java client, in a new
     * one, shows its user the message of all but those.
     */
    private static FindCoordinator.Coordinator refuseType(final String key, final byte keyType, final short version) {
        return refuse(key, keyType == FindCoordinator.TRANSACTION && version < FIRST_BATCHED_VERSION
            ? KafkaErrors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED : KafkaErrors.INVALID_REQUEST,
            keyType == FindCoordinator.TRANSACTION
                ? "transactions are not supported: use a producer without transactional.id"
                : "key type is not supported: " + keyType + ", only 0 (group)");
    }

    private FindCoordinator.Coordinator answer(final String key) {
        final TopicView topic = topics.find(TopicInfo.OFFSETS_TOPIC);
        if (topic == null) {
            create();
            return refuse(key, GroupErrors.COORDINATOR_NOT_AVAILABLE,
                problem == null ? "the offsets topic is being created, try again" : problem);
        }
        final int leader = topic.shards[partition(key, topic.partitionCount())].visibleLeaderId;
        final BrokerInfo broker = leader == MetadataImage.NO_LEADER ? null : topics.image().broker(leader);
        return broker == null
            ? refuse(key, GroupErrors.COORDINATOR_NOT_AVAILABLE, "nobody leads the group's partition now, try again")
            : new FindCoordinator.Coordinator(key, GroupErrors.NONE, "", broker.id(), broker.host(), broker.port());
    }

    private static FindCoordinator.Coordinator refuse(final String key, final short error, final String message) {
        return new FindCoordinator.Coordinator(key, error, message, -1, "", -1);
    }

    private void create() {
        if (!isCreating) {
            isCreating = true;
            quorum.call(creation(config, random), this::onCreated);
        }
    }

    /** {@return what creates the offsets topic, whoever names it first: it can never be deleted or enlarged} */
    static MetadataCommand.CreateTopic creation(final BrokerConfig config, final RandomGenerator random) {
        return new MetadataCommand.CreateTopic(new UUID(random.nextLong(), random.nextLong()),
            TopicInfo.OFFSETS_TOPIC, config.offsetsPartitionCount(), config.offsetsReplicationFactor(),
            config.profile(), Map.of(), SHARDS_PER_BROKER, false);
    }

    private void onCreated(final MetadataResult result) {
        isCreating = false;
        problem = result.isOk() || result.errorCode() == MetadataErrors.TOPIC_ALREADY_EXISTS ? null
            : "the offsets topic cannot be created: " + result.message();
    }

    /** One request that waits. */
    private static final class Search implements Deferred {
        private final FindCoordinator.Request request;
        private final short version;
        private final GroupCall<FindCoordinator.Response> call;
        private boolean isGone;

        Search(final ReplySlot slot, final FindCoordinator.Request request) {
            this.request = request;
            version = slot.apiVersion();
            call = new GroupCall<>(slot, GroupCodec::encode,
                error -> new FindCoordinator.Response(request.keys().stream()
                    .map(key -> refuse(key, error, "there is no coordinator yet, try again")).toList()));
            slot.attach(this);
        }

        @Override
        public void onExpired(final ReplySlot expired) {
            isGone = true;
            call.onExpired(expired);
        }

        @Override
        public void onAbandoned(final ReplySlot abandoned) {
            isGone = true;
            call.onAbandoned(abandoned);
        }
    }
}
