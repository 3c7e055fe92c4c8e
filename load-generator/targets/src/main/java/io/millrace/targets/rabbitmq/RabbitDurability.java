package io.millrace.targets.rabbitmq;

import io.millrace.load.target.RunningTarget;
import io.millrace.targets.process.ServerTarget;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a confirmation of RabbitMQ is worth, in words; no state. */
final class RabbitDurability {
    private RabbitDurability() {
    }

    static String summary(final QueueKind kind) {
        return kind == QueueKind.QUORUM
            ? "RabbitMQ quorum queues: 1, 3 or 5 servers of this machine, confirmed when a majority has written and "
                + "synced"
            : "RabbitMQ streams over their own protocol: 1, 3 or 5 servers of this machine, confirmed when a majority "
                + "has written, no sync";
    }

    static ServerTarget.About about(
        final QueueKind kind,
        final String version,
        final int nodeCount,
        final Map<String, String> settings,
        final String bootstrap) {
        final boolean isQuorum = kind == QueueKind.QUORUM;
        final String what = isQuorum ? "quorum queues" : "streams";
        final Map<String, String> promise = new LinkedHashMap<>();
        promise.put("system", "RabbitMQ " + version + " " + what);
        promise.put("nodes", nodeCount + " on this machine");
        promise.put("replicas", "the run's replication factor; 1 with one node");
        promise.put("acks_leader", "the same as all: there is one kind of confirmation");
        promise.put("acks_all", isQuorum
            ? "in the synced write-ahead logs of a majority of the queue's members"
            : "in the files (page caches) of a majority of the stream's replicas");
        promise.put(RunningTarget.WAITS_FOR, nodeCount == 1 ? "one copy" : "a majority");
        promise.put(RunningTarget.SYNCED, isQuorum ? "yes" : "no");
        promise.put("sync", isQuorum
            ? "before every answer, on a majority (fdatasync of the write-ahead log, one for all that has come)"
            : "none before the answer: streams leave syncing to the operating system");
        promise.put("batching", isQuorum
            ? "none by the client: a message a record; messages that are due together go out in one write"
            : "messages that are due together go out in one write, those to one stream in one command; the server "
                + "makes chunks of what has come");
        settings.forEach((key, value) -> promise.put("setting " + key, value));
        return new ServerTarget.About("RabbitMQ " + version + " " + what + ", " + nodeCount
            + (nodeCount == 1 ? " node" : " nodes"),
            "RabbitMQ " + what + ": a publisher confirm comes when a majority of the replicas has "
                + (isQuorum ? "written and synced the record" : "written the record; nothing is synced before the "
                + "answer") + "; acks=leader and acks=all are the same.", promise, bootstrap);
    }
}
