package io.millrace.broker.metadata.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Decides from what the controllers say whether this node may take part in the metadata quorum. Stateless.
 *
 * <p>Whoever casts a vote can decide which log survives, so a node takes part only once a majority of the controllers,
 * itself included, holds the metadata of one and the same cluster and this node's data belongs to it; or once a
 * majority is new and nobody holds anything: then a cluster begins. In between it waits, for a minority that knows a
 * cluster may hold the last copy of what was decided in it.
 */
final class AdmissionRules {
    private AdmissionRules() {
    }

    /** What is to be done. */
    enum Verdict {
        /** Take part. */
        ADMIT,
        /** Ask on: others may start, or learn of their cluster. */
        WAIT,
        /** Ask on for a while, then give up: nothing but an operator can change it. */
        DOUBT,
        /** Give up at once. */
        REFUSE
    }

    /**
     * A verdict and its reason.
     *
     * @param verdict what is to be done
     * @param reason  for people; null when admitted
     */
    record Decision(Verdict verdict, String reason) {
    }

    /**
     * What a controller said.
     *
     * @param memberId    which one
     * @param membersHash of the list of controllers that it was configured with
     * @param logId       cluster of its Raft log, null when it has none
     */
    record Said(int memberId, int membersHash, UUID logId) {
    }

    /**
     * {@return what follows}
     *
     * @param memberCount controllers in all
     * @param self        what this node says itself, null when it is no controller
     * @param expectedId  the cluster that its data belongs to, null when it is new
     * @param membersHash of the list of controllers that it was configured with
     * @param heard       what the other controllers said lately
     * @param askedLong   whether whoever has not said anything by now is likely not to run
     */
    static Decision decide(final int memberCount, final Said self, final UUID expectedId, final int membersHash,
        final List<Said> heard, final boolean askedLong) {
        final int majority = memberCount / 2 + 1;
        final List<Said> same = heard.stream().filter(said -> said.membersHash() == membersHash)
            .collect(Collectors.toCollection(ArrayList::new));
        if (heard.size() - same.size() >= majority) {
            return new Decision(Verdict.REFUSE, "the other controllers were configured with another list of "
                + "controllers than this node: make millrace.cluster.nodes and "
                + "millrace.cluster.controllers the same in every node's file");
        }
        if (self != null) {
            same.add(self);
        }
        final Map<UUID, Integer> counts = new HashMap<>();
        same.stream().filter(said -> said.logId() != null).forEach(said -> counts.merge(said.logId(), 1, Integer::sum));
        for (final Map.Entry<UUID, Integer> count : counts.entrySet()) {
            if (count.getValue() >= majority) {
                return ofCluster(count.getKey(), expectedId);
            }
        }
        final long newCount = same.stream().filter(said -> said.logId() == null).count();
        if (newCount >= majority && expectedId != null) {
            return new Decision(Verdict.DOUBT, "this node's data belongs to cluster " + expectedId + ", but " + newCount
                + " of " + memberCount + " controllers are new and know of no cluster: give them back their data, or "
                + "correct log.dirs or millrace.cluster.nodes of this node");
        }
        final boolean heardAll = heard.size() == memberCount - 1;
        if (newCount >= majority && counts.isEmpty() && self != null && (heardAll || askedLong)) {
            return new Decision(Verdict.ADMIT, null);
        }
        return new Decision(Verdict.WAIT, "waiting for a majority of the " + memberCount
            + " controllers to hold the metadata of one cluster" + (expectedId == null ? "" : " (" + expectedId + ")")
            + ": " + describe(same) + "; start the others"
            + (counts.isEmpty() || newCount == 0 ? "" : ", with the data they had"));
    }

    private static Decision ofCluster(final UUID clusterId, final UUID expectedId) {
        if (expectedId != null && !expectedId.equals(clusterId)) {
            return new Decision(Verdict.REFUSE, "this node's data belongs to cluster " + expectedId
                + ", the controllers hold the metadata of cluster " + clusterId + "; nothing was changed: correct "
                + "log.dirs or millrace.cluster.nodes, or give this node an empty directory");
        }
        return new Decision(Verdict.ADMIT, null);
    }

    private static String describe(final List<Said> all) {
        final List<String> texts = new ArrayList<>();
        all.forEach(said -> texts.add("controller " + said.memberId() + " "
            + (said.logId() == null ? "is new" : "has " + said.logId())));
        return texts.isEmpty() ? "none answers" : String.join(", ", texts);
    }
}
