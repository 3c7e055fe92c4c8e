package io.millrace.broker.group;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression over topic names. It is the user's: one that would take too many steps counts as not matching.
 * Stateless.
 */
final class TopicPattern {
    static final int MAX_LENGTH = 1024;
    private static final int MAX_STEP_COUNT = 10_000;
    private static final int MAX_TOTAL_STEP_COUNT = 1_000_000;

    private TopicPattern() {
    }

    static boolean isValid(final String regex) {
        if (regex.length() > MAX_LENGTH) {
            return false;
        }
        try {
            Pattern.compile(regex);
            return true;
        } catch (final PatternSyntaxException ex) {
            return false;
        }
    }

    /** {@return the names that it matches as a whole, in order} */
    static List<String> matches(final String regex, final Collection<String> names) {
        final Pattern pattern = Pattern.compile(regex);
        final Budget budget = new Budget();
        return names.stream().sorted().filter(name -> budget.matches(pattern, name)).toList();
    }

    /** Steps that may still be taken, for one name and for all together. */
    private static final class Budget {
        private int totalStepCount = MAX_TOTAL_STEP_COUNT;
        private int stepCount;

        boolean matches(final Pattern pattern, final String name) {
            stepCount = Math.min(MAX_STEP_COUNT, totalStepCount);
            totalStepCount -= stepCount;
            try {
                return pattern.matcher(new CountedText(name, this)).matches();
            } catch (final OutOfStepsException | StackOverflowError ex) {
                return false;
            } finally {
                totalStepCount += Math.max(0, stepCount);
            }
        }
    }

    /** Thrown in the middle of a match. */
    private static final class OutOfStepsException extends RuntimeException {
        private static final long serialVersionUID = 1;

        OutOfStepsException() {
            super("too many steps", null, false, false);
        }
    }

    /** A name that counts how often it is looked at. */
    private record CountedText(String text, Budget budget) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(final int index) {
            if (budget.stepCount-- <= 0) {
                throw new OutOfStepsException();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(final int start, final int end) {
            return new CountedText(text.substring(start, end), budget);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
