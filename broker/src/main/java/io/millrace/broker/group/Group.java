package io.millrace.broker.group;

import java.util.TreeMap;

/** One group: what it committed, and its members by one of the protocols. Owned by its coordinator. */
final class Group {
    final String id;
    final TreeMap<OffsetKey, Offset> offsets = new TreeMap<>();
    /** Null when its members speak the consumer protocol. */
    ClassicGroup classic;
    /** Null when its members speak the classic protocol, or when nobody ever joined. */
    ConsumerGroup consumer;

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

    String stateName() {
        return consumer != null ? consumer.stateName() : classic.state.text();
    }

    String typeName() {
        return consumer != null ? "consumer" : "classic";
    }
}
