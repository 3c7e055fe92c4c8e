package io.millrace.engine;

import java.util.Locale;

/** What an acknowledged record survives; fixed when a shard is created. */
public enum DurabilityProfile {
    /**
     * Acknowledged once in the page cache; synced in the background. A power cut of every replica at once loses at most
     * the unsynced suffix.
     */
    REPLICATED,
    /** Acknowledged once synced, by group commit. A power cut of every replica at once loses nothing acknowledged. */
    DURABLE;

    /** {@return the name used in configurations and reports} */
    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * {@return the profile of this name, null when there is none}
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
