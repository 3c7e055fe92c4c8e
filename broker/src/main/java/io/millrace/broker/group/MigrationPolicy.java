package io.millrace.broker.group;

import java.util.Locale;

/** Between which protocols a group may go while it has members (group.consumer.migration.policy). */
public enum MigrationPolicy {
    /** Both ways. */
    BIDIRECTIONAL,
    /** From the classic protocol to the consumer protocol. */
    UPGRADE,
    /** From the consumer protocol to the classic protocol. */
    DOWNGRADE,
    /** Not at all. */
    DISABLED;

    boolean isUpgrading() {
        return this == BIDIRECTIONAL || this == UPGRADE;
    }

    boolean isDowngrading() {
        return this == BIDIRECTIONAL || this == DOWNGRADE;
    }

    /** {@return the name in configurations} */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
