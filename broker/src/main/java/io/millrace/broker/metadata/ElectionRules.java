package io.millrace.broker.metadata;

import static io.millrace.broker.metadata.Decision.accept;
import static io.millrace.broker.metadata.Decision.refuse;
import static io.millrace.broker.metadata.MetadataErrors.BROKER_ID_NOT_REGISTERED;
import static io.millrace.broker.metadata.MetadataErrors.ELECTION_NOT_NEEDED;
import static io.millrace.broker.metadata.MetadataErrors.ELIGIBLE_LEADERS_NOT_AVAILABLE;
import static io.millrace.broker.metadata.MetadataErrors.FENCED_LEADER_EPOCH;
import static io.millrace.broker.metadata.MetadataErrors.INELIGIBLE_REPLICA;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_REQUEST;
import static io.millrace.broker.metadata.MetadataErrors.INVALID_UPDATE_VERSION;
import static io.millrace.broker.metadata.MetadataErrors.PREFERRED_LEADER_NOT_AVAILABLE;
import static io.millrace.broker.metadata.MetadataErrors.STALE_BROKER_EPOCH;
import static io.millrace.broker.metadata.MetadataErrors.UNKNOWN_TOPIC_OR_PARTITION;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who leads a shard, who is in sync, who may lead next. Owned by the state machine.
 *
 * <p>A shard's holders are its ISR and its eligible replicas: each of them has every committed record in its log. Only
 * a holder is elected, except by an operator's command and after a power cut that no holder survived; both are counted.
 * The last holder is never struck off: the shard rather waits.
 */
final class ElectionRules {
    /** Sessions that end within this time of each other may have ended for one reason, whatever order they have. */
    static final long SIMULTANEOUS_MS = 10_000;

    private final Decision decision;
    private final MetadataState state;

    ElectionRules(final Decision decision) {
        this.decision = decision;
        state = decision.state();
    }

    // --- brokers come and go

    /** What a broker led goes to another holder that lives, else to nobody; it leaves the ISRs of others. */
    void onFenced(final int brokerId) {
        final LeaderChoice choice = new LeaderChoice(state);
        for (final ShardInfo shard : shardsWhere(shard -> shard.isr().contains(brokerId))) {
            if (shard.leader() == brokerId) {
                final ShardInfo elected = elected(shard, choice);
                decision.emit(elected == null ? leaderless(shard) : elected);
                if (elected == null) {
                    askAnew(shard);
                }
            } else if (shard.hasLeader()) {
                decision.emit(withoutMember(shard, brokerId));
            }
        }
    }

    /** Another process of this broker than before has come, and its page cache is lost. */
    void onUncleanStart(final int brokerId) {
        final List<ShardReport> unknown = new ArrayList<>();
        for (final ShardInfo shard : shardsWhere(shard -> isHolder(shard, brokerId))) {
            if (shard.shardClass().profile() == DurabilityProfile.DURABLE) {
                unknown.add(new ShardReport(shard.id(), -1, 0, true)); // until it reports that its log is sound
            } else {
                loseHolder(shard, brokerId);
            }
        }
        if (!unknown.isEmpty()) {
            decision.emit(new MetadataRecord.ShardsReported(brokerId, unknown));
        }
    }

    /**
     * A broker tells what it found in its logs. What it leads by now it does not lose by that: others have followed it.
     */
    void onReport(final int brokerId, final List<ShardReport> reports) {
        final List<ShardReport> known = reports.stream().filter(report -> {
            final ShardInfo shard = state.shard(report.shardId());
            return shard != null && shard.replicas().contains(brokerId);
        }).toList();
        if (known.isEmpty()) {
            return;
        }
        decision.emit(new MetadataRecord.ShardsReported(brokerId, known));
        for (final ShardReport report : known) {
            final ShardInfo shard = state.shard(report.shardId());
            if (report.damaged() && isHolder(shard, brokerId) && shard.leader() != brokerId) {
                loseHolder(shard, brokerId);
            }
            electByReports(state.shard(report.shardId()));
        }
    }

    /** A broker is live: it may be what a shard without a leader waits for. */
    void onReady(final int brokerId) {
        final List<ShardReport> missing = new ArrayList<>();
        for (final ShardInfo shard : shardsWhere(shard -> shard.replicas().contains(brokerId))) {
            final ShardReport report = state.report(brokerId, shard.id());
            if (report == null) {
                missing.add(nothing(shard)); // there is no log of it
            } else if (report.damaged() && isHolder(shard, brokerId)) {
                loseHolder(shard, brokerId);
            }
        }
        if (!missing.isEmpty()) {
            decision.emit(new MetadataRecord.ShardsReported(brokerId, missing));
        }
        final LeaderChoice choice = new LeaderChoice(state);
        for (final ShardInfo shard : shardsWhere(s -> !s.hasLeader() && s.replicas().contains(brokerId))) {
            if (shard.waiting()) {
                electByReports(shard);
            } else {
                final ShardInfo elected = elected(shard, choice);
                if (elected != null) {
                    decision.emit(elected);
                }
            }
        }
    }

    /** Takes from a live broker whatever others can take over. {@return how many shards it still leads} */
    int onShutDown(final int brokerId) {
        final LeaderChoice choice = new LeaderChoice(state);
        int ledCount = 0;
        for (final ShardInfo shard : shardsWhere(shard -> shard.isr().contains(brokerId) && shard.hasLeader())) {
            if (shard.leader() != brokerId) {
                decision.emit(withoutMember(shard, brokerId));
                continue;
            }
            final int leader = choice.fewestLed(shard, shard.isr());
            if (leader == MetadataImage.NO_LEADER) {
                ledCount++;
            } else {
                choice.moved(brokerId, leader);
                decision.emit(withoutMember(shard, brokerId).withLeader(leader));
            }
        }
        return ledCount;
    }

    // --- commands

    MetadataResult changeIsr(final MetadataCommand.ChangeIsr command, final long sessionId) {
        final ShardInfo shard = state.shard(command.shardId());
        final BrokerInfo sender = state.broker(command.leaderId());
        if (shard == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "no shard has the id " + command.shardId());
        }
        if (sender == null) {
            return refuse(BROKER_ID_NOT_REGISTERED, "broker is not registered: " + command.leaderId());
        }
        if (shard.leader() != command.leaderId() || shard.leaderEpoch() != command.leaderEpoch()) {
            return refuse(FENCED_LEADER_EPOCH, "shard " + shard.id() + " is led by broker " + shard.leader()
                + " in epoch " + shard.leaderEpoch() + ", not by " + command.leaderId() + " in "
                + command.leaderEpoch());
        }
        final List<Integer> isr = command.isr().stream().sorted().toList();
        if (isr.equals(shard.isr()) && command.isrVersion() != shard.isrVersion()) {
            return accept(shard.isrVersion()); // decided before: the answer got lost
        }
        if (shard.isrVersion() != command.isrVersion()) {
            return refuse(INVALID_UPDATE_VERSION, "the ISR of shard " + shard.id() + " is at version "
                + shard.isrVersion() + ", not " + command.isrVersion());
        }
        if (sender.fenced() || sender.sessionId() != sessionId) {
            return refuse(STALE_BROKER_EPOCH, "broker " + sender.id() + " is fenced: it has to register again");
        }
        if (!isr.contains(shard.leader()) || new HashSet<>(isr).size() != isr.size()
            || !shard.replicas().containsAll(isr)
            || !command.isrEpochs().isEmpty() && command.isrEpochs().size() != isr.size()) {
            return refuse(INVALID_REQUEST, "ISR " + isr + " has to hold the leader " + shard.leader()
                + " and only replicas " + shard.replicas() + ", with all their epochs or none: "
                + command.isrEpochs());
        }
        final String ineligible = ineligibleMember(shard, command);
        if (ineligible != null) {
            decision.emit(shard.withNextIsrVersion()); // so that no copy of this proposal is accepted later
            return refuse(INELIGIBLE_REPLICA, ineligible);
        }
        for (final int member : isr) {
            final ShardReport report = state.report(member, shard.id());
            if (report != null && report.damaged()) { // it has the leader's records now
                decision.emit(new MetadataRecord.ShardsReported(member, List.of(nothing(shard))));
            }
        }
        final List<Integer> eligible = eligibleAfter(shard, isr).stream()
            .filter(member -> !command.lost().contains(member)).toList();
        decision.emit(shard.withIsr(isr, eligible, isr));
        return accept(shard.isrVersion() + 1);
    }

    private String ineligibleMember(final ShardInfo shard, final MetadataCommand.ChangeIsr command) {
        for (int i = 0; i < command.isr().size(); i++) {
            final int id = command.isr().get(i);
            if (shard.isr().contains(id)) {
                continue;
            }
            final BrokerInfo member = state.broker(id);
            if (member == null || !member.isAssignable()) {
                return "broker is fenced or shutting down and cannot join the ISR: " + id;
            }
            if (!command.isrEpochs().isEmpty() && command.isrEpochs().get(i) != member.epoch()) {
                return "broker " + id + " registered again: its epoch is " + member.epoch() + ", not "
                    + command.isrEpochs().get(i) + ": it has to catch up anew";
            }
        }
        return null;
    }

    MetadataResult elect(final MetadataCommand.ElectLeader command) {
        final ShardInfo shard = state.shard(command.shardId());
        if (shard == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "no shard has the id " + command.shardId());
        }
        return command.kind() == MetadataCommand.ElectionKind.PREFERRED
            ? electPreferred(shard, command.brokerId()) : electUnclean(shard, command.brokerId());
    }

    MetadataResult resign(final MetadataCommand.ResignLeader command, final long sessionId) {
        final ShardInfo shard = state.shard(command.shardId());
        if (shard == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "no shard has the id " + command.shardId());
        }
        if (!isLeader(shard, command.leaderId(), command.leaderEpoch(), sessionId)) {
            return refuseLeader(shard, command.leaderId(), command.leaderEpoch());
        }
        final int leader = new LeaderChoice(state).fewestLed(shard, without(shard.isr(), command.leaderId()));
        if (leader == MetadataImage.NO_LEADER) {
            return refuse(ELIGIBLE_LEADERS_NOT_AVAILABLE, "nobody else of the in-sync replicas " + shard.isr()
                + " of shard " + shard.id() + " is live");
        }
        decision.emit(shard.withLeader(leader));
        return accept(shard.leaderEpoch() + 1);
    }

    private boolean isLeader(
        final ShardInfo shard, final int brokerId, final int leaderEpoch, final long sessionId) {
        final BrokerInfo sender = state.broker(brokerId);
        return sender != null && sender.sessionId() == sessionId && shard.leader() == brokerId
            && shard.leaderEpoch() == leaderEpoch;
    }

    private static MetadataResult refuseLeader(final ShardInfo shard, final int brokerId, final int leaderEpoch) {
        return refuse(FENCED_LEADER_EPOCH, "shard " + shard.id() + " is led by broker " + shard.leader()
            + " in epoch " + shard.leaderEpoch() + ", not by " + brokerId + " in " + leaderEpoch);
    }

    MetadataResult finishMove(final MetadataCommand.FinishMove command, final long sessionId) {
        final ShardInfo shard = state.shard(command.shardId());
        if (shard == null) {
            return refuse(UNKNOWN_TOPIC_OR_PARTITION, "no shard has the id " + command.shardId());
        }
        if (!isLeader(shard, command.leaderId(), command.leaderEpoch(), sessionId)) {
            return refuseLeader(shard, command.leaderId(), command.leaderEpoch());
        }
        final int leader = command.brokerId();
        if (leader == MetadataImage.NO_LEADER) {
            if (shard.movingTo() != MetadataImage.NO_LEADER) {
                decision.emit(new MetadataRecord.ShardMoving(shard.id(), MetadataImage.NO_LEADER));
            }
            return accept(shard.leaderEpoch());
        }
        if (leader != shard.movingTo() || !shard.isr().contains(leader) || !state.isAssignable(leader)) {
            return refuse(PREFERRED_LEADER_NOT_AVAILABLE, "broker " + leader + " cannot lead shard " + shard.id()
                + ": asked for is " + shard.movingTo() + ", in sync are " + shard.isr());
        }
        decision.emit(shard.withLeader(leader));
        return accept(shard.leaderEpoch() + 1);
    }

    private MetadataResult electPreferred(final ShardInfo shard, final int brokerId) {
        final int leader = brokerId == MetadataCommand.ElectLeader.ANY_BROKER ? shard.replicas().get(0) : brokerId;
        if (leader == shard.leader()) {
            return refuse(ELECTION_NOT_NEEDED, "broker " + leader + " leads shard " + shard.id() + " already");
        }
        if (!shard.hasLeader() || !shard.isr().contains(leader) || !state.isAssignable(leader)) {
            return refuse(PREFERRED_LEADER_NOT_AVAILABLE, "broker " + leader + " cannot lead shard " + shard.id()
                + ": it has to be live and one of its in-sync replicas " + shard.isr());
        }
        if (state.isAssignable(shard.leader())) { // it hands over first, see finishMove
            if (shard.movingTo() != leader) {
                decision.emit(new MetadataRecord.ShardMoving(shard.id(), leader));
            }
            return accept(shard.leaderEpoch() + 1);
        }
        final ShardInfo left = // who is shutting down has led only for want of another
            withoutMember(shard, shard.leader());
        decision.emit(left.withLeader(leader));
        return accept(shard.leaderEpoch() + 1);
    }

    private MetadataResult electUnclean(final ShardInfo shard, final int brokerId) {
        if (shard.hasLeader()) {
            return refuse(ELECTION_NOT_NEEDED, "broker " + shard.leader() + " leads shard " + shard.id());
        }
        ShardReport best = null;
        int leader = MetadataImage.NO_LEADER;
        for (final int replica : shard.replicas()) {
            final boolean asked = brokerId == MetadataCommand.ElectLeader.ANY_BROKER || brokerId == replica;
            if (asked && state.isAssignable(replica)) {
                final ShardReport report = reportOf(shard, replica);
                if (best == null || best.damaged() && !report.damaged()
                    || best.damaged() == report.damaged() && report.isAheadOf(best)) {
                    best = report;
                    leader = replica;
                }
            }
        }
        if (leader == MetadataImage.NO_LEADER) {
            return refuse(ELIGIBLE_LEADERS_NOT_AVAILABLE, "no such replica of shard " + shard.id() + " is live: asked="
                + brokerId + " replicas=" + shard.replicas() + ": start one of them");
        }
        final ShardInfo.RiskyElections before = shard.elections();
        decision.emit(takenOver(shard, leader,
            new ShardInfo.RiskyElections(before.unclean() + 1, before.powerCut())));
        return accept(shard.leaderEpoch() + 1);
    }

    // --- rules for one shard

    /** {@return the shard under its next leader; null when no holder is live} */
    private ShardInfo elected(final ShardInfo shard, final LeaderChoice choice) {
        if (shard.waiting()) {
            return null;
        }
        List<Integer> isr = shard.isr().stream().filter(state::isAssignable).toList();
        int leader = choice.fewestLed(shard, isr);
        if (leader == MetadataImage.NO_LEADER) {
            leader = choice.fewestLed(shard, shard.eligible());
            isr = List.of(leader);
        }
        if (leader == MetadataImage.NO_LEADER) {
            return null;
        }
        choice.moved(shard.leader(), leader);
        return shard.withIsr(isr, eligibleAfter(shard, isr), lastIsrAfter(shard, isr)).withLeader(leader);
    }

    /** Nobody leads; the ISR stays. */
    private ShardInfo leaderless(final ShardInfo shard) {
        return shard.withIsr(shard.isr(), shard.eligible(), lastIsrAfter(shard, shard.isr()))
            .withLeader(MetadataImage.NO_LEADER);
    }

    private ShardInfo withoutMember(final ShardInfo shard, final int brokerId) {
        final List<Integer> isr = without(shard.isr(), brokerId);
        return shard.withIsr(isr, eligibleAfter(shard, isr), lastIsrAfter(shard, isr));
    }

    /** A replica that held everything committed may no longer. The last one stays where it is, and the shard waits. */
    private void loseHolder(final ShardInfo shard, final int brokerId) {
        if (shard.waiting()) {
            return;
        }
        final List<Integer> isr = without(shard.isr(), brokerId);
        final List<Integer> eligible = without(shard.eligible(), brokerId);
        if (!isr.isEmpty()) {
            decision.emit(shard.withIsr(isr, eligible, shard.lastIsr()));
        } else if (!eligible.isEmpty()) {
            decision.emit(shard.withIsr(eligible, List.of(), List.copyOf(union(shard.lastIsr(), eligible))));
        } else {
            decision.emit(shard.withWaiting(true));
        }
    }

    /**
     * What live brokers reported when they started is not what their logs hold now. They see that nobody leads, and
     * what they report from then on holds until somebody does.
     */
    private void askAnew(final ShardInfo shard) {
        for (final int member : shard.replicas()) {
            if (state.isLive(member) && state.report(member, shard.id()) != null) {
                decision.emit(new MetadataRecord.ShardsReported(member, List.of(ShardReport.askedAnew(shard.id()))));
            }
        }
    }

    /**
     * After a power cut: once the whole last ISR has reported, the one with the longest log leads. Damage to the last
     * holder's log is another matter, and for an operator.
     */
    private void electByReports(final ShardInfo shard) {
        if (!shard.waiting() || shard.shardClass().profile() == DurabilityProfile.DURABLE) {
            return; // a durable log loses nothing in a power cut; one that did is for an operator to judge
        }
        ShardReport best = null;
        int leader = MetadataImage.NO_LEADER;
        for (final int member : shard.replicas()) {
            if (!shard.lastIsr().contains(member)) {
                continue;
            }
            final ShardReport report = state.report(member, shard.id());
            if (report == null || report.isAskedAnew() || !state.broker(member).isRegistered()
                || report.damaged() && shard.isr().contains(member)) {
                return; // not all are back; or the last holder fell to something else than the power cut
            }
            if (!report.damaged() && (best == null || report.isAheadOf(best))) {
                best = report;
                leader = member;
            }
        }
        if (leader != MetadataImage.NO_LEADER && state.isAssignable(leader)) {
            final ShardInfo.RiskyElections before = shard.elections();
            decision.emit(takenOver(shard, leader,
                new ShardInfo.RiskyElections(before.unclean(), before.powerCut() + 1)));
        }
    }

    /** One replica starts alone with whatever its log holds. */
    private static ShardInfo takenOver(
        final ShardInfo shard, final int leader, final ShardInfo.RiskyElections elections) {
        final List<Integer> alone = List.of(leader);
        return shard.withIsr(alone, List.of(), alone).withWaiting(false).withElections(elections).withLeader(leader);
    }

    private ShardReport reportOf(final ShardInfo shard, final int brokerId) {
        final ShardReport report = state.report(brokerId, shard.id());
        return report == null || report.isAskedAnew() ? nothing(shard) : report;
    }

    private static ShardReport nothing(final ShardInfo shard) {
        return new ShardReport(shard.id(), -1, 0, false);
    }

    private static boolean isHolder(final ShardInfo shard, final int brokerId) {
        return shard.isr().contains(brokerId) || shard.eligible().contains(brokerId);
    }

    /** {@return who holds everything committed outside of the new ISR: nothing is committed while that is too small} */
    private static List<Integer> eligibleAfter(final ShardInfo shard, final List<Integer> isr) {
        if (isr.size() >= shard.shardClass().minInsyncReplicas()) {
            return List.of();
        }
        final TreeSet<Integer> eligible = union(shard.isr(), shard.eligible());
        eligible.removeAll(isr);
        return List.copyOf(eligible);
    }

    /** {@return the ISR before this change, with those who left it just before} */
    private List<Integer> lastIsrAfter(final ShardInfo shard, final List<Integer> isr) {
        final TreeSet<Integer> last = union(shard.isr(), isr);
        for (final int member : shard.lastIsr()) {
            if (Math.abs(decision.nowMs() - state.broker(member).sessionEndMs()) <= SIMULTANEOUS_MS) {
                last.add(member);
            }
        }
        return List.copyOf(last);
    }

    private List<ShardInfo> shardsWhere(final Predicate<ShardInfo> condition) {
        return state.shards().stream().filter(condition).toList(); // a copy: each may be changed on the way
    }

    private static TreeSet<Integer> union(final Collection<Integer> some, final Collection<Integer> others) {
        final TreeSet<Integer> result = new TreeSet<>(some);
        result.addAll(others);
        return result;
    }

    private static List<Integer> without(final List<Integer> members, final int brokerId) {
        return members.stream().filter(member -> member != brokerId).toList();
    }
}
