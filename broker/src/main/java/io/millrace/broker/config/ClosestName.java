package io.millrace.broker.config;

import java.util.Collection;

/** Guesses which name was meant. Stateless. */
public final class ClosestName {
    private ClosestName() {
    }

    /**
     * {@return a suggestion to be appended to an error message, empty when no known name is like it}
     *
     * @param name  that is unknown
     * @param known names
     */
    public static String suggest(final String name, final Collection<String> known) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (final String candidate : known) {
            final int distance = distance(name, candidate);
            if (distance < bestDistance) {
                bestDistance = distance;
                best = candidate;
            }
        }
        return bestDistance <= name.length() / 2 ? "; did you mean " + best + "?" : "";
    }

    /** Levenshtein distance. */
    private static int distance(final String a, final String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            final int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                final int change = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(change, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
