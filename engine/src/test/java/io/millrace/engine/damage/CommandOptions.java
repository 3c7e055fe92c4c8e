package io.millrace.engine.damage;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Set;

/** Takes a command line apart into options with a value and flags without one. Stateless. */
public final class CommandOptions {
    /** Takes an option. */
    @FunctionalInterface
    public interface Handler {
        /**
         * One option.
         *
         * @param name  with its dashes
         * @param value of it, null for a flag
         * @return false when there is no such option
         */
        boolean onOption(String name, String value);
    }

    private CommandOptions() {
    }

    /**
     * Hands over each option.
     *
     * @param words   of the command line
     * @param flags   names of options without a value
     * @param handler takes each
     * @throws IllegalArgumentException when an option is not known or has no value
     */
    public static void parse(final Collection<String> words, final Set<String> flags, final Handler handler) {
        final ArrayDeque<String> left = new ArrayDeque<>(words);
        while (!left.isEmpty()) {
            final String name = left.poll();
            final String value = flags.contains(name) ? null : left.poll();
            if (value == null && !flags.contains(name)) {
                throw new IllegalArgumentException("option without a value: " + name);
            }
            if (!handler.onOption(name, value)) {
                throw new IllegalArgumentException("no such option: " + name);
            }
        }
    }
}
