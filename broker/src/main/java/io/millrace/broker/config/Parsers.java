package io.millrace.broker.config;

import io.millrace.engine.DurabilityProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Text to values, with limits. Stateless. */
final class Parsers {
    private Parsers() {
    }

    static Function<String, Integer> intBetween(final int min, final int max) {
        return (text) -> {
            final long value = length(text);
            if (value < min || value > max) {
                throw new IllegalArgumentException("out of range");
            }
            return (int)value;
        };
    }

    static Function<String, Long> longBetween(final long min, final long max) {
        return (text) -> {
            final long value = length(text);
            if (value < min || value > max) {
                throw new IllegalArgumentException("out of range");
            }
            return value;
        };
    }

    /** A whole number, with k, m or g (powers of 1024) behind it if wanted. */
    static long length(final String text) {
        final String lower = text.toLowerCase(Locale.ROOT);
        final int shift = lower.endsWith("k") ? 10 : lower.endsWith("m") ? 20 : lower.endsWith("g") ? 30 : 0;
        final String digits = shift == 0 ? lower : lower.substring(0, lower.length() - 1);
        final long count = Long.parseLong(digits.trim());
        if (Math.abs(count) > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("out of range");
        }
        return count << shift;
    }

    static Function<String, Integer> powerOfTwoBetween(final int min, final int max) {
        final Function<String, Integer> inner = intBetween(min, max);
        return (text) -> {
            final int value = inner.apply(text);
            if (Integer.bitCount(value) != 1) {
                throw new IllegalArgumentException("not a power of two");
            }
            return value;
        };
    }

    static Function<String, String> oneOf(final String... names) {
        return (text) -> {
            final String lower = text.toLowerCase(Locale.ROOT);
            if (!List.of(names).contains(lower)) {
                throw new IllegalArgumentException("none of them");
            }
            return lower;
        };
    }

    static DurabilityProfile profile(final String text) {
        for (final DurabilityProfile profile : DurabilityProfile.values()) {
            if (profile.name().equals(text.toUpperCase(Locale.ROOT))) {
                return profile;
            }
        }
        throw new IllegalArgumentException("no such profile");
    }

    static Boolean bool(final String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("not true or false");
        };
    }

    static List<ClusterNode> nodes(final String text) {
        final List<ClusterNode> nodes = new ArrayList<>();
        for (final String part : text.split(",")) {
            if (!part.isBlank()) {
                nodes.add(ClusterNode.parse(part.trim()));
            }
        }
        return List.copyOf(nodes);
    }

    static List<Integer> ids(final String text) {
        final List<Integer> ids = new ArrayList<>();
        for (final String part : text.split(",")) {
            if (!part.isBlank()) {
                ids.add(Integer.parseInt(part.trim()));
            }
        }
        return List.copyOf(ids);
    }
}
