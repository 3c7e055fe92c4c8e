package io.millrace.broker.config;

import java.util.function.Function;

/**
 * One key of a node's properties file.
 *
 * @param name        as written in the file
 * @param defaultText what stands when it is absent; null = required
 * @param limits      which values are allowed, for people
 * @param description what it does, one or two sentences
 * @param parser      text to value; throws {@link IllegalArgumentException} on a value out of limits
 * @param <T>         type of the value
 */
public record ConfigKey<T>(
    String name, String defaultText, String limits, String description, Function<String, T> parser) {

    T parse(final String text) {
        try {
            return parser.apply(text.trim());
        } catch (final IllegalArgumentException ex) {
            final String reason = ex instanceof NumberFormatException ? "not a number" : ex.getMessage();
            throw new ConfigException("invalid value: " + name + "=" + text + " (" + reason + "); allowed: " + limits);
        }
    }
}
