package io.millrace.broker.api;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What a request names, in its order, each name once, however often a client names it. Stateless, any thread. */
final class NamedOnce {
    private NamedOnce() {
    }

    /** {@return entries by their names, null for those that are named more than once} */
    static <N, E> Map<N, E> entries(final Iterable<E> entries, final Function<E, N> name) {
        final Map<N, E> result = new LinkedHashMap<>();
        put(result, entries, name);
        return result;
    }

    /** {@return partitions by topic and number, null for those that are named more than once} */
    static <T, P> Map<String, Map<Integer, P>> partitions(final List<T> topics, final Function<T, String> topicName,
        final Function<T, List<P>> partitions, final Function<P, Integer> partitionId) {
        final Map<String, Map<Integer, P>> result = new LinkedHashMap<>();
        for (final T topic : topics) {
            put(result.computeIfAbsent(topicName.apply(topic), (name) -> new LinkedHashMap<>()),
                partitions.apply(topic), partitionId);
        }
        return result;
    }

    /** {@return numbers of partitions by topic} */
    static <T> Map<String, Set<Integer>> partitionIds(final List<T> topics, final Function<T, String> topicName,
        final Function<T, List<Integer>> partitionIds) {
        final Map<String, Set<Integer>> result = new LinkedHashMap<>();
        topics.forEach((topic) -> result.computeIfAbsent(topicName.apply(topic), (name) -> new LinkedHashSet<>())
            .addAll(partitionIds.apply(topic)));
        return result;
    }

    private static <N, E> void put(final Map<N, E> result, final Iterable<E> entries, final Function<E, N> name) {
        for (final E entry : entries) {
            final N key = name.apply(entry);
            result.put(key, result.containsKey(key) ? null : entry);
        }
    }
}
