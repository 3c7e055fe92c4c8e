package io.millrace.broker.api;

import io.millrace.broker.group.AnswerBudget;
import io.millrace.broker.group.GroupAdmin;
import io.millrace.broker.group.GroupClient;
import io.millrace.broker.group.GroupConfiguration;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.GroupErrors;
import io.millrace.transport.kafka.codec.ApiTable;
import io.millrace.transport.kafka.codec.ConsumerGroupCodec;
import io.millrace.transport.kafka.codec.GroupAdminCodec;
import io.millrace.transport.kafka.codec.GroupCodec;
import io.millrace.transport.kafka.codec.MembershipCodec;
import io.millrace.transport.kafka.codec.RequestHeader;
import io.millrace.transport.kafka.message.ConsumerGroupDescribe;
import io.millrace.transport.kafka.message.ConsumerGroupHeartbeat;
import io.millrace.transport.kafka.message.DeleteGroups;
import io.millrace.transport.kafka.message.DescribeGroups;
import io.millrace.transport.kafka.message.Heartbeat;
import io.millrace.transport.kafka.message.JoinGroup;
import io.millrace.transport.kafka.message.LeaveGroup;
import io.millrace.transport.kafka.message.ListGroups;
import io.millrace.transport.kafka.message.Metadata;
import io.millrace.transport.kafka.message.OffsetCommit;
import io.millrace.transport.kafka.message.OffsetDelete;
import io.millrace.transport.kafka.message.OffsetFetch;
import io.millrace.transport.kafka.message.SyncGroup;
import io.millrace.transport.kafka.server.ReplySlot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;

/** Brings the requests of consumer groups to their coordinators, and the answers back. Owned by the network thread. */
final class GroupHandler {
    private static final byte[] NOTHING = {};
    private static final int MAX_GROUPS_PER_REQUEST = 10_000;
    private static final String TOO_LONG = "one answer describes groups up to a length of about "
        + AnswerBudget.MAX_LENGTH + " bytes; ask for fewer groups at a time";

    private final GroupService groups;
    private RequestHeader header;
    private DirectBuffer headerBuffer;

    GroupHandler(final GroupService groups) {
        this.groups = groups;
    }

    void route(final ColdRoutes routes) {
        routes.add(ApiTable.JOIN_GROUP, MembershipCodec::decodeJoin, this::join);
        routes.add(ApiTable.SYNC_GROUP, MembershipCodec::decodeSync, this::sync);
        routes.add(ApiTable.HEARTBEAT, MembershipCodec::decodeHeartbeat, this::heartbeat);
        routes.add(ApiTable.LEAVE_GROUP, MembershipCodec::decodeLeave, this::leave);
        routes.add(ApiTable.OFFSET_COMMIT, GroupCodec::decodeOffsetCommit, this::commit);
        routes.add(ApiTable.OFFSET_FETCH, GroupCodec::decodeOffsetFetch, this::fetch);
        routes.add(ApiTable.OFFSET_DELETE, GroupCodec::decodeOffsetDelete, this::deleteOffsets);
        routes.add(ApiTable.LIST_GROUPS, GroupAdminCodec::decodeList, this::list);
        routes.add(ApiTable.DESCRIBE_GROUPS, GroupAdminCodec::decodeDescribe, this::describe);
        routes.add(ApiTable.DELETE_GROUPS, GroupAdminCodec::decodeDelete, this::delete);
        routes.add(ApiTable.CONSUMER_GROUP_HEARTBEAT, ConsumerGroupCodec::decodeHeartbeat, this::consumerHeartbeat);
        routes.add(ApiTable.CONSUMER_GROUP_DESCRIBE, ConsumerGroupCodec::decodeDescribe, this::consumerDescribe);
    }

    /** Notes who sends the request that comes next. */
    void onHeader(final RequestHeader newHeader, final DirectBuffer buffer) {
        header = newHeader;
        headerBuffer = buffer;
        groups.onRequest();
    }

    private GroupClient client(final ReplySlot slot) {
        final boolean isKnown = header != null && header.clientIdLength() > 0;
        final String id = isKnown
            ? headerBuffer.getStringWithoutLengthUtf8(header.clientIdIndex(), header.clientIdLength()) : "";
        return new GroupClient(id.substring(0, Math.min(id.length(), GroupConfiguration.MAX_CLIENT_ID_LENGTH)),
            slot.clientHost());
    }

    /** {@return the place of a group that can be asked, null when the call was refused} */
    private GroupShard shardOf(final String groupId, final GroupCall<?> call) {
        return shardOf(groupId, call, GroupShard::check);
    }

    private GroupShard shardOf(final String groupId, final GroupCall<?> call, final Check check) {
        final GroupShard shard = groups.shardOf(groupId);
        final short error = shard == null ? GroupErrors.NOT_COORDINATOR : check.of(shard);
        if (error != GroupErrors.NONE) {
            call.refuse(error);
            return null;
        }
        return shard;
    }

    /** {@return 0, or the error with which the place of a group refuses a request} */
    @FunctionalInterface
    private interface Check {
        short of(GroupShard shard);
    }

    private void join(final JoinGroup.Request request, final ReplySlot slot) {
        final GroupCall<JoinGroup.Response> call = new GroupCall<>(slot, MembershipCodec::encode,
            error -> new JoinGroup.Response(error, -1, null, null, "", false, request.memberId(), List.of()));
        final GroupClient client = client(slot);
        final GroupShard shard = shardOf(request.groupId(), call);
        if (shard != null) {
            shard.coordinator().join(request, client,
                response -> answer(shard, call, response, response.errorCode()));
        }
    }

    private void sync(final SyncGroup.Request request, final ReplySlot slot) {
        final GroupCall<SyncGroup.Response> call = new GroupCall<>(slot, MembershipCodec::encode,
            error -> new SyncGroup.Response(error, null, null, NOTHING));
        final GroupShard shard = shardOf(request.groupId(), call);
        if (shard != null) {
            shard.coordinator().sync(request, response -> answer(shard, call, response, response.errorCode()));
        }
    }

    /** An error rests on nothing that has to be kept first. */
    private static <R> void answer(
        final GroupShard shard, final GroupCall<R> call, final R response, final short errorCode) {
        if (errorCode == GroupErrors.NONE) {
            shard.answer(response, call::answer, call::refuse);
        } else {
            call.answer(response);
        }
    }

    /**
     * A member lives whether or not records can be kept now, so nothing is waited for. While the group is read, it is
     * told so as well, as by Kafka: not all clients know another answer.
     */
    private void heartbeat(final Heartbeat.Request request, final ReplySlot slot) {
        final GroupCall<Heartbeat.Response> call =
            new GroupCall<>(slot, MembershipCodec::encode, Heartbeat.Response::new);
        final GroupShard shard = groups.shardOf(request.groupId());
        final short error = shard == null ? GroupErrors.NOT_COORDINATOR : shard.checkRead();
        if (error == GroupErrors.NONE) {
            call.answer(shard.coordinator().heartbeat(request));
        } else {
            call.refuse(error == GroupErrors.COORDINATOR_LOAD_IN_PROGRESS ? GroupErrors.NONE : error);
        }
    }

    private void leave(final LeaveGroup.Request request, final ReplySlot slot) {
        final GroupCall<LeaveGroup.Response> call = new GroupCall<>(slot, MembershipCodec::encode,
            error -> new LeaveGroup.Response(error, List.of()));
        final GroupShard shard = shardOf(request.groupId(), call);
        if (shard != null) {
            shard.ask(call, coordinator -> coordinator.leave(request));
        }
    }

    private void consumerHeartbeat(final ConsumerGroupHeartbeat.Request request, final ReplySlot slot) {
        final GroupCall<ConsumerGroupHeartbeat.Response> call = new GroupCall<>(slot, ConsumerGroupCodec::encode,
            error -> new ConsumerGroupHeartbeat.Response(error, null, null, 0, 0, null));
        final GroupClient client = client(slot);
        final GroupShard shard = shardOf(request.groupId(), call);
        if (shard != null) {
            shard.ask(call, coordinator -> coordinator.consumerHeartbeat(request, client));
        }
    }

    private void commit(final OffsetCommit.Request request, final ReplySlot slot) {
        final GroupCall<OffsetCommit.Response> call = new GroupCall<>(slot, GroupCodec::encode,
            error -> GroupCoordinator.commitError(request, error));
        final GroupShard shard = shardOf(request.groupId(), call, GroupShard::checkCommit);
        if (shard != null) {
            shard.ask(call, coordinator -> coordinator.commit(request));
        }
    }

    private void fetch(final OffsetFetch.Request request, final ReplySlot slot) {
        final Map<String, Set<OffsetFetch.RequestGroup>> byId = new LinkedHashMap<>();
        request.groups().forEach(group -> byId.computeIfAbsent(group.groupId(), id -> new HashSet<>()).add(group));
        final GroupCall<OffsetFetch.Response> call = new GroupCall<>(slot, GroupCodec::encode,
            error -> new OffsetFetch.Response(byId.values().stream()
                .map(group -> GroupCoordinator.fetchError(group.iterator().next(), error)).toList()));
        final boolean isById = slot.apiVersion() >= OffsetFetch.TOPIC_ID_VERSION;
        final Answers<OffsetFetch.ResponseGroup> gathering = new Answers<>(byId.size(),
            answers -> call.answer(new OffsetFetch.Response(answers)));
        final AnswerBudget budget = new AnswerBudget();
        int next = 0;
        for (final Set<OffsetFetch.RequestGroup> same : byId.values()) {
            final int entry = next++;
            final OffsetFetch.RequestGroup one = same.iterator().next();
            budget.take(one.groupId());
            if (same.size() > 1 || budget.isSpent()) { // which of two different questions is meant?
                gathering.put(entry, GroupCoordinator.fetchError(one, GroupErrors.INVALID_REQUEST));
                continue;
            }
            final GroupShard shard = groups.shardOf(one.groupId());
            final Consumer<Short> refusal =
                error -> gathering.put(entry, GroupCoordinator.fetchError(one, fetchError(error)));
            final short error = shard == null ? GroupErrors.NOT_COORDINATOR : shard.checkFetch();
            if (error == GroupErrors.NONE) {
                final OffsetFetch.ResponseGroup answer = shard.coordinator().fetch(one, isById, budget);
                shard.answer(answer, shard.coordinator().offsetsNumber(one.groupId()),
                    found -> gathering.put(entry, found), refusal);
            } else {
                refusal.accept(error);
            }
        }
    }

    /**
     * {@return an error that clients know here}
     *
     * @param error why there is no answer. Consumers before 3.9 give up on COORDINATOR_NOT_AVAILABLE, and librdkafka
     *              reads nothing until the next rebalance after any error but the one that says try again here
     */
    private static short fetchError(final short error) {
        return error == GroupErrors.COORDINATOR_NOT_AVAILABLE ? GroupErrors.COORDINATOR_LOAD_IN_PROGRESS : error;
    }

    private void deleteOffsets(final OffsetDelete.Request request, final ReplySlot slot) {
        final GroupCall<OffsetDelete.Response> call = new GroupCall<>(slot, GroupCodec::encode,
            error -> new OffsetDelete.Response(error, List.of()));
        final GroupShard shard = shardOf(request.groupId(), call, GroupShard::checkCommit);
        if (shard != null) {
            shard.ask(call, coordinator -> GroupAdmin.deleteOffsets(coordinator, request));
        }
    }

    private void list(final ListGroups.Request request, final ReplySlot slot) {
        final GroupCall<ListGroups.Response> call = new GroupCall<>(slot, GroupAdminCodec::encode,
            error -> new ListGroups.Response(error, List.of()));
        final List<ListGroups.Group> found = new ArrayList<>();
        for (final GroupShard shard : groups.shards()) {
            final short error = shard.checkRead();
            if (error == GroupErrors.COORDINATOR_LOAD_IN_PROGRESS) {
                call.refuse(error);
                return;
            }
            if (error == GroupErrors.NONE) {
                found.addAll(GroupAdmin.list(shard.coordinator(), request));
            }
        }
        call.answer(new ListGroups.Response(GroupErrors.NONE, found));
    }

    private void describe(final DescribeGroups.Request request, final ReplySlot slot) {
        final List<String> ids = once(request.groupIds());
        final GroupCall<DescribeGroups.Response> call = new GroupCall<>(slot, GroupAdminCodec::encode,
            error -> new DescribeGroups.Response(ids.stream()
                .map(id -> GroupAdmin.describeError(id, error, null)).toList(), Metadata.OPERATIONS_NOT_ASKED));
        final AnswerBudget budget = new AnswerBudget();
        gather(ids, (coordinator, id) -> {
            final DescribeGroups.Group answer = budget.isSpent() ? null : GroupAdmin.describe(coordinator, id);
            return answer != null && GroupAdmin.take(budget, answer) ? answer
                : GroupAdmin.describeError(id, GroupErrors.INVALID_REQUEST, TOO_LONG);
        }, (id, error) -> GroupAdmin.describeError(id, error, null),
            answers -> call.answer(new DescribeGroups.Response(answers, operations(request.operationsWanted()))));
    }

    private void consumerDescribe(final ConsumerGroupDescribe.Request request, final ReplySlot slot) {
        final List<String> ids = once(request.groupIds());
        final GroupCall<ConsumerGroupDescribe.Response> call = new GroupCall<>(slot, ConsumerGroupCodec::encode,
            error -> new ConsumerGroupDescribe.Response(ids.stream()
                .map(id -> GroupAdmin.consumerError(id, error, null)).toList(), Metadata.OPERATIONS_NOT_ASKED));
        final AnswerBudget budget = new AnswerBudget();
        gather(ids, (coordinator, id) -> {
            final ConsumerGroupDescribe.Group answer =
                budget.isSpent() ? null : GroupAdmin.describeConsumer(coordinator, id);
            return answer != null && GroupAdmin.take(budget, answer) ? answer
                : GroupAdmin.consumerError(id, GroupErrors.INVALID_REQUEST, TOO_LONG);
        }, (id, error) -> GroupAdmin.consumerError(id, error, null),
            answers -> call.answer(
                new ConsumerGroupDescribe.Response(answers, operations(request.operationsWanted()))));
    }

    /** Without an authorizer a client may do everything. */
    private static int operations(final boolean isAsked) {
        return isAsked ? TopicDescriber.GROUP_OPERATIONS : Metadata.OPERATIONS_NOT_ASKED;
    }

    private void delete(final DeleteGroups.Request request, final ReplySlot slot) {
        final List<String> ids = once(request.groupIds());
        final GroupCall<DeleteGroups.Response> call = new GroupCall<>(slot, GroupAdminCodec::encode,
            error -> new DeleteGroups.Response(ids.stream()
                .map(id -> new DeleteGroups.Result(id, error, null)).toList()));
        gather(ids, GroupShard::checkCommit,
            (coordinator, id) -> new DeleteGroups.Result(id, GroupAdmin.delete(coordinator, id), null),
            (id, error) -> new DeleteGroups.Result(id, error, null),
            answers -> call.answer(new DeleteGroups.Response(answers)));
    }

    private static List<String> once(final List<String> groupIds) {
        return groupIds.stream().distinct().toList();
    }

    /** One question for each of several groups. */
    @FunctionalInterface
    private interface Question<R> {
        R ask(GroupCoordinator coordinator, String groupId);
    }

    /** The answer for a group that cannot be asked. */
    @FunctionalInterface
    private interface Refusal<R> {
        R of(String groupId, short error);
    }

    private <R> void gather(final List<String> groupIds, final Question<R> question, final Refusal<R> refusal,
        final Consumer<List<R>> whenAll) {
        gather(groupIds, GroupShard::check, question, refusal, whenAll);
    }

    private <R> void gather(final List<String> groupIds, final Check check,
        final Question<R> question, final Refusal<R> refusal, final Consumer<List<R>> whenAll) {
        final Answers<R> gathering = new Answers<>(groupIds.size(), whenAll);
        for (int i = 0; i < groupIds.size(); i++) {
            final int entry = i;
            final String id = groupIds.get(i);
            if (i >= MAX_GROUPS_PER_REQUEST) {
                gathering.put(entry, refusal.of(id, GroupErrors.INVALID_REQUEST));
                continue;
            }
            ask(id, check, coordinator -> question.ask(coordinator, id),
                error -> gathering.put(entry, refusal.of(id, error)), answer -> gathering.put(entry, answer));
        }
    }

    private <R> void ask(final String groupId, final Check check,
        final java.util.function.Function<GroupCoordinator, R> question,
        final Consumer<Short> refusal, final Consumer<R> reply) {
        final GroupShard shard = groups.shardOf(groupId);
        final short error = shard == null ? GroupErrors.NOT_COORDINATOR : check.of(shard);
        if (error == GroupErrors.NONE) {
            shard.answer(question.apply(shard.coordinator()), reply, refusal);
        } else {
            refusal.accept(error);
        }
    }

    /** Several answers that leave together. Owned by the network thread. */
    private static final class Answers<R> {
        private final Object[] answers;
        private final Consumer<List<R>> whenAll;
        private int openCount;

        Answers(final int count, final Consumer<List<R>> whenAll) {
            answers = new Object[count];
            openCount = count;
            this.whenAll = whenAll;
            if (count == 0) {
                whenAll.accept(List.of());
            }
        }

        @SuppressWarnings("unchecked") // only answers of this kind are put in
        void put(final int entry, final R answer) {
            answers[entry] = answer;
            if (--openCount == 0) {
                whenAll.accept((List<R>)(List<?>)Arrays.asList(answers));
            }
        }
    }
}
