package io.millrace.broker.metadata;

import java.util.Locale;

/** What acks=all of a shard promises. */
public enum DurabilityProfile {
    /** In the page cache of the whole ISR; a power cut of every replica at once loses at most the unsynced suffix. */
    REPLICATED,
    /** Synced to disk on the whole ISR; a power cut of every replica at once loses nothing acked. */
    DURABLE;

    /** {@return the name used in topic configs and reports} */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the profile of this config name, null when there is none}
     *
     * @param name as users write it
     */
    public static DurabilityProfile parse(final String name) {
        for (final DurabilityProfile profile : values()) {
            if (profile.configName().equalsIgnoreCase(name)) {
                return profile;
            }
        }
        return null;
    }
}
