package io.millrace.broker.group;

import io.millrace.transport.kafka.message.JoinGroup;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a group with its members from one protocol to the other while they go on (KIP-848): to the consumer protocol
 * when the first member comes that speaks it, back when the last one has gone. Owned by its coordinator.
 */
final class Migration {
    private final GroupConfiguration config;
    private final Timers timers;
    private final ClassicBalance balance;
    private final RecordSink sink;
    private final TopicCatalog topics;

    Migration(final GroupConfiguration config, final Timers timers, final ClassicBalance balance,
        final RecordSink sink, final TopicCatalog topics) {
        this.config = config;
        this.timers = timers;
        this.balance = balance;
        this.sink = sink;
        this.topics = topics;
    }

    /**
     * Turns a group of classic consumers into one of the consumer protocol: they keep their generation and what they
     * have, and whoever waits is asked to join again. {@return null, or why that cannot be}
     */
    String upgrade(final Group group) {
        final ClassicGroup classic = group.classic;
        if (!config.migration().isUpgrading()) {
            return "its classic members must stop first: group.consumer.migration.policy="
                + config.migration().text();
        }
        if (!group.isEmpty() && !EmbeddedProtocol.TYPE.equals(classic.protocolType)) {
            return "its members are not consumers but speak " + classic.protocolType;
        }
        if (classic.size() >= config.maxGroupSize()) {
            return "it has reached its maximum capacity of " + config.maxGroupSize() + " members";
        }
        final ConsumerGroup consumer = new ConsumerGroup(group);
        consumer.epoch = classic.generation;
        consumer.assignmentEpoch = classic.generation;
        try {
            classic.members.values().stream().filter(member -> !member.isNew)
                .forEach(member -> consumer.add(convert(classic, member)));
        } catch (final GroupFormatException ex) {
            return "what its members use cannot be understood: " + ex.getMessage();
        }
        if (consumer.length() > config.maxGroupLength()) {
            return "it has reached its maximum length of " + config.maxGroupLength() + " bytes";
        }
        final List<GroupRecord> records = new ArrayList<>();
        records.add(GroupRecords.noClassic(group.id));
        records.addAll(GroupReplay.memberRecords(consumer));
        if (!fit(records)) {
            return "what is known of its members is longer than " + sink.maxLength(records.size()) + " bytes";
        }
        // who waits for a first answer holds nothing, and joins anew with the id it may have been given
        classic.members.values().stream().filter(member -> member.isNew)
            .forEach(member -> addPending(consumer, member.id, member.sessionTimeoutMs));
        classic.pendingIds.keySet().forEach(id -> addPending(consumer, id, config.consumerSessionMs()));
        ClassicBalance.end(classic, GroupErrors.REBALANCE_IN_PROGRESS);
        group.classic = new ClassicGroup(group);
        group.consumer = consumer;
        sink.appendAll(records);
        return null;
    }

    private boolean fit(final List<GroupRecord> records) {
        return records.stream().mapToLong(GroupRecord::length).sum() <= sink.maxLength(records.size());
    }

    private ConsumerMember convert(final ClassicGroup group, final ClassicMember classic) {
        final EmbeddedProtocol.Subscription subscription =
            EmbeddedProtocol.subscription(classic.protocols.get(0).metadata(), topics);
        final ConsumerMember member = new ConsumerMember(classic.id);
        member.instanceId = classic.instanceId;
        member.rackId = subscription.rackId();
        member.client = classic.client;
        member.rebalanceTimeoutMs = classic.rebalanceTimeoutMs;
        member.topicNames = subscription.topics();
        member.classic = new ConsumerMember.Classic(classic.sessionTimeoutMs, classic.protocols);
        member.epoch = group.generation;
        member.previousEpoch = group.generation;
        member.assigned = EmbeddedProtocol.assignment(classic.assignment, topics);
        member.target = member.assigned;
        // a cooperative member may not have heard yet that it is to give back some of what it had when it joined
        subscription.owned().forEach((topicId, partition) -> {
            if (!member.assigned.has(topicId, partition)) {
                member.pendingRevocation.add(topicId, partition);
                member.state = ConsumerMember.State.UNREVOKED;
            }
        });
        return member;
    }

    /** Remembers an id that was given out, for as long as a session. */
    void addPending(final ConsumerGroup group, final String memberId, final int sessionMs) {
        group.pendingIds.put(memberId, timers.schedule(
            balance.nowMs() + sessionMs, () -> group.pendingIds.remove(memberId)));
    }

    /** {@return whether all members that are left speak the classic protocol, and may have their group back} */
    boolean isToDowngrade(final ConsumerGroup group) {
        return config.migration().isDowngrading() && !group.members.isEmpty()
            && group.members.values().stream().allMatch(ConsumerMember::isClassic);
    }

    /**
     * Turns a group whose members all speak the classic protocol into a classic one that is to be balanced.
     *
     * <p>Another coordinator that goes on with what is recorded must not take it for balanced: the record has a
     * generation that no member ever has.
     *
     * {@return false where that is too much for one batch of records: then the group stays what it is}
     */
    boolean downgrade(final ConsumerGroup group) {
        final ClassicGroup classic = new ClassicGroup(group.group);
        classic.generation = group.epoch;
        classic.protocolType = EmbeddedProtocol.TYPE;
        classic.state = ClassicState.STABLE;
        final List<GroupRecord> records = new ArrayList<>();
        for (final ConsumerMember member : group.members.values()) {
            final List<JoinGroup.Protocol> protocols = member.classic.protocols();
            final ClassicMember next = new ClassicMember(member.id, member.instanceId, member.client,
                member.classic.sessionTimeoutMs(), member.rebalanceTimeoutMs, protocols);
            next.assignment = EmbeddedProtocol.encode(
                EmbeddedProtocol.subscription(protocols.get(0).metadata(), topics).version(), member.assigned, topics);
            balance.add(classic, next);
            records.addAll(GroupRecords.noneOf(group.group.id, member.id));
        }
        classic.protocolName = classic.selectProtocol();
        records.add(GroupRecords.noTargetEpoch(group.group.id));
        records.add(GroupRecords.noConsumer(group.group.id));
        classic.reservedGeneration = group.epoch + 1;
        classic.recorded = GroupRecords.classic(classic, classic.reservedGeneration);
        records.add(classic.recorded);
        if (!fit(records)) {
            return false;
        }
        sink.appendAll(records);
        group.members.values().forEach(ConsumerMember::cancelTimers);
        group.group.consumer = null;
        group.group.classic = classic;
        group.pendingIds.forEach((id, timer) -> {
            Timers.cancel(timer);
            balance.addPending(classic, id, config.consumerSessionMs());
        });
        balance.restart(classic);
        balance.prepare(classic);
        return true;
    }
}
