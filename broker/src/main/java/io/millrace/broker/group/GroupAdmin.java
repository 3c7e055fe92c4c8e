package io.millrace.broker.group;

import static io.millrace.broker.group.GroupErrors.GROUP_ID_NOT_FOUND;
import static io.millrace.broker.group.GroupErrors.NONE;
import static io.millrace.broker.group.GroupErrors.NON_EMPTY_GROUP;

import io.millrace.transport.kafka.message.ConsumerGroupDescribe;
import io.millrace.transport.kafka.message.DescribeGroups;
import io.millrace.transport.kafka.message.ListGroups;
import io.millrace.transport.kafka.message.OffsetDelete;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** What administrators ask of one coordinator. Stateless; belongs to the network thread as the coordinator does. */
public final class GroupAdmin {
    private static final String DEAD = "Dead";

    private GroupAdmin() {
    }

    /**
     * {@return the groups of one coordinator}
     *
     * @param coordinator of the groups
     * @param request     names states and types to take
     */
    public static List<ListGroups.Group> list(
        final GroupCoordinator coordinator, final ListGroups.Request request) {
        final List<ListGroups.Group> result = new ArrayList<>();
        final Set<String> states = lowerCase(request.states());
        final Set<String> types = lowerCase(request.types());
        coordinator.groups.values().forEach(group -> {
            if (takes(states, group.stateName()) && takes(types, group.typeName())) {
                final String protocolType = group.consumer != null ? EmbeddedProtocol.TYPE
                    : group.classic.protocolType == null ? "" : group.classic.protocolType;
                result.add(new ListGroups.Group(group.id, protocolType, group.stateName(), group.typeName()));
            }
        });
        return result;
    }

    private static Set<String> lowerCase(final List<String> names) {
        return names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }

    private static boolean takes(final Set<String> filter, final String value) {
        return filter.isEmpty() || filter.contains(value.toLowerCase(Locale.ROOT));
    }

    /**
     * {@return an answer without a group}
     *
     * @param groupId asked for
     * @param error   why
     * @param message for people, null for none
     */
    public static DescribeGroups.Group describeError(final String groupId, final short error, final String message) {
        return new DescribeGroups.Group(error, message, groupId, DEAD, "", "", List.of());
    }

    /**
     * {@return one classic group}
     *
     * @param coordinator of the group
     * @param groupId     asked for
     */
    public static DescribeGroups.Group describe(final GroupCoordinator coordinator, final String groupId) {
        final Group group = coordinator.groups.get(groupId);
        if (group == null || group.consumer != null) {
            return describeError(groupId, GROUP_ID_NOT_FOUND, group == null
                ? "Group " + groupId + " not found." : "Group " + groupId + " is not a classic group.");
        }
        final ClassicGroup classic = group.classic;
        final boolean isStable = classic.state == ClassicState.STABLE;
        return new DescribeGroups.Group(NONE, null, groupId, classic.state.text(),
            classic.protocolType == null ? "" : classic.protocolType, isStable ? classic.protocolName : "",
            classic.members.values().stream().map(member -> new DescribeGroups.Member(member.id, member.instanceId,
                member.client.clientId(), member.client.host(),
                isStable ? member.metadata(classic.protocolName) : ClassicMember.NO_ASSIGNMENT,
                isStable ? member.assignment : ClassicMember.NO_ASSIGNMENT)).toList());
    }

    /**
     * {@return an answer without a group}
     *
     * @param groupId asked for
     * @param error   why
     * @param message for people, null for none
     */
    public static ConsumerGroupDescribe.Group consumerError(
        final String groupId, final short error, final String message) {
        return new ConsumerGroupDescribe.Group(error, message, groupId, "", 0, 0, "", List.of());
    }

    /**
     * {@return one group of the consumer protocol}
     *
     * @param coordinator of the group
     * @param groupId     asked for
     */
    public static ConsumerGroupDescribe.Group describeConsumer(
        final GroupCoordinator coordinator, final String groupId) {
        final Group group = coordinator.groups.get(groupId);
        if (group == null || group.consumer == null) {
            return consumerError(groupId, GROUP_ID_NOT_FOUND, group == null
                ? "Group " + groupId + " not found." : "Group " + groupId + " is not a consumer group.");
        }
        final ConsumerGroup consumer = group.consumer;
        return new ConsumerGroupDescribe.Group(NONE, null, groupId, consumer.stateName(), consumer.epoch,
            consumer.assignmentEpoch, consumer.assignor(), consumer.members.values().stream()
                .map(member -> new ConsumerGroupDescribe.Member(member.id, member.instanceId, member.rackId,
                    member.epoch, member.client.clientId(), member.client.host(), member.topicNames,
                    member.topicRegex, named(coordinator, member.assigned), named(coordinator, member.target),
                    member.isClassic()))
                .toList());
    }

    /**
     * Counts a group's description. {@return whether there was room for it}
     *
     * @param budget of the answer
     * @param group  described
     */
    public static boolean take(final AnswerBudget budget, final DescribeGroups.Group group) {
        budget.take(group.groupId());
        group.members().forEach(member -> budget.take(
            member.memberId().length() + member.clientId().length() + member.metadata().length
                + member.assignment().length));
        return !budget.isSpent();
    }

    /**
     * Counts a group's description. {@return whether there was room for it}
     *
     * @param budget of the answer
     * @param group  described
     */
    public static boolean take(final AnswerBudget budget, final ConsumerGroupDescribe.Group group) {
        budget.take(group.groupId());
        group.members().forEach(member -> {
            budget.take(member.memberId().length() + member.clientId().length());
            budget.take(member.topicRegex());
            member.topicNames().forEach(budget::take);
            member.assignment().forEach(topic -> take(budget, topic));
            member.targetAssignment().forEach(topic -> take(budget, topic));
        });
        return !budget.isSpent();
    }

    private static void take(final AnswerBudget budget, final ConsumerGroupDescribe.TopicPartitions topic) {
        budget.take(topic.topicName().length() + Integer.BYTES * topic.partitionIds().size());
    }

    private static List<ConsumerGroupDescribe.TopicPartitions> named(
        final GroupCoordinator coordinator, final Assignment assignment) {
        final List<ConsumerGroupDescribe.TopicPartitions> result = new ArrayList<>();
        assignment.byTopic().forEach((topicId, partitions) -> {
            final String name = coordinator.topics.topicName(topicId);
            if (name != null) {
                result.add(new ConsumerGroupDescribe.TopicPartitions(topicId, name, List.copyOf(partitions)));
            }
        });
        return result;
    }

    /**
     * Takes back whatever is known of a group. {@return the error}
     *
     * @param coordinator of the group
     * @param groupId     must have no members
     */
    public static short delete(final GroupCoordinator coordinator, final String groupId) {
        return coordinator.delete(coordinator.groups.get(groupId));
    }

    /**
     * {@return the answer to OffsetDelete}
     *
     * @param coordinator of the group
     * @param request     of a client
     */
    public static OffsetDelete.Response deleteOffsets(
        final GroupCoordinator coordinator, final OffsetDelete.Request request) {
        final Group group = coordinator.groups.get(request.groupId());
        if (group == null) {
            return new OffsetDelete.Response(GROUP_ID_NOT_FOUND, List.of());
        }
        final Set<String> subscribed = group.subscribedTopics();
        if (subscribed == null && !EmbeddedProtocol.TYPE.equals(group.classic.protocolType)) {
            return new OffsetDelete.Response(NON_EMPTY_GROUP, List.of());
        }
        final Predicate<String> isSubscribed = topic -> subscribed == null || subscribed.contains(topic);
        return new OffsetDelete.Response(
            NONE, coordinator.offsets.delete(group, request.topics(), isSubscribed));
    }
}
