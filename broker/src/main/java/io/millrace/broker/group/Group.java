package io.millrace.broker.group;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** One group: what it committed, and its members by one of the protocols. Owned by its coordinator. */
final class Group {
    final String id;
    final TreeMap<OffsetKey, Offset> offsets = new TreeMap<>();
    /** Null when its members speak the consumer protocol. */
    ClassicGroup classic;
    /** Null when its members speak the classic protocol, or when nobody ever joined. */
    ConsumerGroup consumer;
    /** {@link RecordSink#number()} when its offsets were changed last. */
    long offsetsNumber;
    /** What {@link GroupAccount} counted for it last, but for its offsets. */
    long countedLength;

    Group(final String id) {
        this.id = id;
        this.classic = new ClassicGroup(this);
    }

    /** {@return whether it has no members} */
    boolean isEmpty() {
        return consumer != null ? consumer.members.isEmpty() : classic.state == ClassicState.EMPTY;
    }

    /** {@return whether it is known by more than its offsets} */
    boolean isPersisted() {
        return consumer != null || classic.protocolType != null;
    }

    /** {@return the topics that its members read; null where that is not known, or is being changed} */
    Set<String> subscribedTopics() {
        final Set<String> topics = new HashSet<>();
        if (consumer != null) {
            final Set<List<String>> matched = Collections.newSetFromMap(new IdentityHashMap<>());
            consumer.members.values().forEach(member -> {
                topics.addAll(member.topicNames);
                if (matched.add(member.matchedTopics)) {
                    topics.addAll(member.matchedTopics); // members with the same expression share it
                }
            });
            return topics;
        }
        if (isEmpty()) {
            return topics;
        }
        if (classic.state != ClassicState.STABLE || !EmbeddedProtocol.TYPE.equals(classic.protocolType)) {
            return null;
        }
        try {
            classic.members.values().forEach(member -> member.protocols.forEach(
                protocol -> topics.addAll(EmbeddedProtocol.topics(protocol.metadata()))));
            return topics;
        } catch (final GroupFormatException ex) {
            return null;
        }
    }

    String stateName() {
        return consumer != null ? consumer.stateName() : classic.state.text();
    }

    String typeName() {
        return consumer != null ? "consumer" : "classic";
    }
}
