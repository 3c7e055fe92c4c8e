package io.millrace.cli.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The cluster as a whole, put together from what its brokers say, and what is wrong with it. Immutable.
 *
 * @param clusterId    null before the first broker registered
 * @param version      of the metadata
 * @param topicCount   how many topics there are
 * @param quorumLeader the controller that leads, -1 for none
 * @param term         of its leadership
 * @param controllers  empty when the metadata lives in the one node alone
 * @param brokers      all that ever registered
 * @param shards       all
 * @param problems     empty when the cluster is healthy
 */
record ClusterOverview(String clusterId, long version, int topicCount, int quorumLeader, long term,
    List<Controller> controllers, List<Broker> brokers, List<Shard> shards, List<String> problems) {

    private static final long STALE_MS = 5_000;
    private static final int NONE = -1;

    /** A controller; state is leader, follower, candidate or unreachable, position and term -1 when unknown. */
    record Controller(int nodeId, String address, String state, long term, long commitPosition) {
    }

    /** A broker; state is that of the metadata, answers whether it was reached now. */
    record Broker(int id, String address, String state, long epoch, boolean answers, int ledCount) {
    }

    /** A shard; committed is -1 and a lag is null where nobody who answers knows them. */
    record Shard(int id, int replicationFactor, String profile, int minInsyncReplicas, int leader, int leaderEpoch,
        int partitionCount, List<Integer> replicas, List<Integer> isr, List<Integer> eligible,
        List<Integer> waitingFor, int uncleanElections, int powerCutElections, long committed,
        Map<Integer, Long> lagLengths, List<Pin> pins) {
    }

    /** A partition whose oldest records keep so many bytes of dead ones from being given back. */
    record Pin(String topic, int partition, long deadLength) {
    }

    static ClusterOverview of(final ClusterViews views) {
        final JsonNode newest = views.newest();
        int leader = NONE;
        long term = NONE;
        long heardMsAgo = Long.MAX_VALUE;
        for (final JsonNode view : views.all()) {
            final JsonNode quorum = view.path("quorum");
            if ("leader".equals(quorum.path("role").asText()) && quorum.path("term").asLong() > term) {
                leader = view.path("nodeId").asInt();
                term = quorum.path("term").asLong();
            }
            heardMsAgo = Math.min(heardMsAgo, quorum.path("heardMsAgo").asLong());
        }
        final List<Controller> controllers = controllers(views, newest);
        final List<Shard> shards = shards(views, newest);
        final List<Broker> brokers = brokers(views, newest, shards);
        final List<String> problems = new ArrayList<>();
        if (heardMsAgo > STALE_MS) {
            problems.add("the metadata shown is " + heardMsAgo / 1000 + " s old: no broker that answers has heard of "
                + "the quorum since; start the controllers that are down");
        }
        addQuorumProblems(problems, controllers, leader);
        addBrokerProblems(problems, brokers);
        shards.forEach(shard -> addShardProblems(problems, shard));
        return new ClusterOverview(newest.path("clusterId").asText(null), newest.path("version").asLong(),
            newest.path("topics").asInt(), leader, term, controllers, brokers, shards, List.copyOf(problems));
    }

    private static List<Controller> controllers(final ClusterViews views, final JsonNode newest) {
        final List<Controller> controllers = new ArrayList<>();
        for (final JsonNode controller : newest.path("quorum").path("controllers")) {
            final int nodeId = controller.path("nodeId").asInt();
            final JsonNode view = views.of(nodeId);
            final JsonNode quorum = view == null ? null : view.path("quorum");
            controllers.add(new Controller(nodeId,
                controller.path("host").asText() + ":" + controller.path("metadataPort").asInt(),
                quorum == null ? "unreachable" : quorum.path("role").asText(),
                quorum == null ? NONE : quorum.path("term").asLong(NONE),
                quorum == null ? NONE : quorum.path("commitPosition").asLong(NONE)));
        }
        return controllers;
    }

    private static List<Broker> brokers(final ClusterViews views, final JsonNode newest, final List<Shard> shards) {
        final List<Broker> brokers = new ArrayList<>();
        for (final JsonNode broker : newest.path("brokers")) {
            final int id = broker.path("id").asInt();
            brokers.add(new Broker(id, broker.path("host").asText() + ":" + broker.path("port").asInt(),
                broker.path("state").asText(), broker.path("epoch").asLong(), views.of(id) != null,
                (int) shards.stream().filter(shard -> shard.leader() == id).count()));
        }
        return brokers;
    }

    private static List<Shard> shards(final ClusterViews views, final JsonNode newest) {
        final List<Shard> shards = new ArrayList<>();
        for (final JsonNode shard : newest.path("shards")) {
            final int id = shard.path("id").asInt();
            final int leader = shard.path("leader").asInt(NONE);
            final List<Integer> replicas = ints(shard.path("replicas"));
            final JsonNode log = log(views.of(leader), id);
            final Map<Integer, Long> lags = new TreeMap<>();
            for (int i = 0; i < replicas.size(); i++) {
                final long lag = log == null ? NONE : log.path("lags").path(i).asLong(NONE);
                lags.put(replicas.get(i), lag == NONE ? null : Long.valueOf(lag));
            }
            shards.add(new Shard(id, shard.path("replicationFactor").asInt(), shard.path("profile").asText(),
                shard.path("minInsyncReplicas").asInt(), leader, shard.path("leaderEpoch").asInt(),
                shard.path("partitions").asInt(), replicas, ints(shard.path("isr")), ints(shard.path("eligible")),
                ints(shard.path("waitingFor")), shard.path("uncleanElections").asInt(),
                shard.path("powerCutElections").asInt(),
                log == null ? NONE : log.path("committed").asLong(NONE), lags, pins(log)));
        }
        return shards;
    }

    private static List<Pin> pins(final JsonNode log) {
        final List<Pin> pins = new ArrayList<>();
        if (log != null) {
            log.path("pins").forEach(pin -> pins.add(new Pin(
                pin.path("topic").asText(), pin.path("partition").asInt(), pin.path("deadBytes").asLong())));
        }
        return pins;
    }

    /** {@return the shard's log where it is led; null when that broker does not answer or does not yet lead} */
    private static JsonNode log(final JsonNode view, final int shardId) {
        if (view != null) {
            for (final JsonNode log : view.path("logs")) {
                if (log.path("shard").asInt() == shardId && "leader".equals(log.path("role").asText())) {
                    return log;
                }
            }
        }
        return null;
    }

    private static List<Integer> ints(final JsonNode array) {
        final List<Integer> values = new ArrayList<>();
        array.forEach(value -> values.add(value.asInt()));
        return values;
    }

    private static void addQuorumProblems(
        final List<String> problems, final List<Controller> controllers, final int leader) {
        final List<Integer> gone = controllers.stream()
            .filter(controller -> "unreachable".equals(controller.state())).map(Controller::nodeId).toList();
        if (!controllers.isEmpty() && leader == NONE) {
            problems.add("no controller that answers leads the metadata quorum: " + (controllers.size() / 2 + 1)
                + " of " + controllers.size() + " must run, and reach each other; nothing can be changed meanwhile");
        }
        if (!gone.isEmpty()) {
            problems.add("controllers that do not answer: " + gone + " of " + controllers.size()
                + "; start them again");
        }
    }

    private static void addBrokerProblems(final List<String> problems, final List<Broker> brokers) {
        for (final Broker broker : brokers) {
            if (!"live".equals(broker.state())) {
                problems.add("broker " + broker.id() + " is " + broker.state() + ("starting".equals(broker.state())
                    ? ": it opens its logs and will be live" : broker.answers()
                    ? ": it runs, but does not take part; its log says why"
                    : ": start it again, or look at its log"));
            } else if (!broker.answers()) {
                problems.add("broker " + broker.id() + " does not answer at " + broker.address()
                    + "; the quorum still holds it for live");
            }
        }
    }

    private static void addShardProblems(final List<String> problems, final Shard shard) {
        final String name = "shard " + shard.id();
        if (shard.leader() == NONE) {
            final String remedy = !shard.waitingFor().isEmpty()
                ? "after a power cut it waits until all of brokers " + shard.waitingFor() + " have reported"
                : "start one of its in-sync replicas " + shard.isr()
                + (shard.eligible().isEmpty() ? "" : ", or of those that hold as much, " + shard.eligible());
            problems.add(name + " has no leader, nothing can be written to or read from its " + shard.partitionCount()
                + " partitions: " + remedy + "; if none will ever return: millrace cluster elect --shard "
                + shard.id() + " --unclean");
        } else if (shard.isr().size() < shard.minInsyncReplicas()) {
            problems.add(name + " has " + shard.isr().size() + " in-sync replicas, acks=all needs "
                + shard.minInsyncReplicas() + ": writes are refused until the others have caught up");
        } else if (shard.isr().size() < shard.replicas().size()) {
            final List<Integer> behind = new ArrayList<>(shard.replicas());
            behind.removeAll(shard.isr());
            problems.add(name + " is under-replicated: " + behind + " of " + shard.replicas() + " not in sync");
        }
    }

    /** {@return all of it, for JSON} */
    Map<String, Object> tree() {
        final Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("healthy", problems.isEmpty());
        tree.put("problems", problems);
        tree.put("clusterId", clusterId);
        tree.put("metadataVersion", version);
        tree.put("topicCount", topicCount);
        tree.put("quorumLeader", quorumLeader == NONE ? null : quorumLeader);
        tree.put("quorumTerm", term == NONE ? null : term);
        tree.put("controllers", controllers);
        tree.put("brokers", brokers);
        tree.put("shards", shards);
        return tree;
    }
}
