package io.millrace.broker.group;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * A regular expression over topic names, in the syntax of RE2 as Kafka has it. It is the user's: matching takes a time
 * that grows with the length of the name and of the expression only, and both are bounded. Stateless.
 */
final class TopicPattern {
    static final int MAX_LENGTH = 1024;
    /** Of the expression, each counted repetition written out. */
    static final int MAX_EXPANDED_LENGTH = 2048;
    private static final int MAX_PROGRAM_SIZE = 4 * MAX_EXPANDED_LENGTH;
    /** Instructions for all characters of all names at one time: what is left over then has to wait for the next. */
    static final long MAX_STEP_COUNT = 50_000_000;

    private TopicPattern() {
    }

    static boolean isValid(final String regex) {
        return compile(regex) != null;
    }

    /** {@return null where it is no expression or takes too much} */
    private static Pattern compile(final String regex) {
        if (regex.length() > MAX_LENGTH || new Expansion(regex).length() > MAX_EXPANDED_LENGTH) {
            return null;
        }
        try {
            final Pattern pattern = Pattern.compile(regex);
            return pattern.programSize() > MAX_PROGRAM_SIZE ? null : pattern;
        } catch (final PatternSyntaxException | StackOverflowError ex) {
            return null;
        }
    }

    /**
     * What an expression means, as far as that is known.
     *
     * @param names     that it matches as a whole, in the order in which they were given
     * @param nextIndex of the names that were given: the first one that was not looked at
     * @param stepCount that this took at most the last time
     */
    record Matches(List<String> names, int nextIndex, long stepCount) {
        static final Matches NONE = new Matches(List.of(), 0, 0);
    }

    /**
     * {@return what an expression means, or a part of that where it takes too long}
     *
     * @param regex        the expression
     * @param names        to look at, the same ones each time
     * @param former       what is known
     * @param maxStepCount instructions for all characters of all names
     */
    static Matches match(
        final String regex, final List<String> names, final Matches former, final long maxStepCount) {
        final Pattern pattern = compile(regex);
        if (pattern == null) {
            return new Matches(List.of(), names.size(), MAX_LENGTH); // an older version recorded it
        }
        final List<String> result = new ArrayList<>(former.names);
        long stepCount = MAX_LENGTH;
        int index = former.nextIndex;
        for (; index < names.size(); index++) {
            final String name = names.get(index);
            stepCount += (long)pattern.programSize() * (name.length() + 1);
            if (stepCount > maxStepCount) {
                break;
            }
            if (pattern.matches(name)) {
                result.add(name);
            }
        }
        return new Matches(result, index, Math.min(stepCount, maxStepCount));
    }

    /**
     * Counts what an expression becomes when its counted repetitions are written out, before anybody writes them out:
     * the library bounds each repetition by 1000, but not those within others. Owned by its maker.
     */
    static final class Expansion {
        private static final int DEPTH_COST = 2;

        private final String regex;
        private int index;

        Expansion(final String regex) {
            this.regex = regex;
        }

        /** {@return the length, {@link Integer#MAX_VALUE} at most; no less where the expression is broken} */
        int length() {
            final List<Long> before = new ArrayList<>();
            long sum = 0;
            long last = 0;
            while (index < regex.length()) {
                final char next = regex.charAt(index++);
                if (next == '{') {
                    final long more = last * Math.max(1, repetition()) - last;
                    sum += more + 1;
                    last += more + 1;
                } else if (next == '(') {
                    before.add(sum);
                    sum = 0;
                    last = 0;
                } else if (next == ')' && !before.isEmpty()) {
                    last = sum + DEPTH_COST;
                    sum = last + before.remove(before.size() - 1);
                } else if (next == '*' || next == '+' || next == '?') {
                    sum++;
                    last++; // a repetition may follow it
                } else {
                    final int length = atom(next);
                    last = length == 0 ? last : length; // behind an empty quotation stands what stood before it
                    sum += length;
                }
                if (sum > MAX_EXPANDED_LENGTH) {
                    return Integer.MAX_VALUE; // groups that are still open only add to it
                }
            }
            for (final long outer : before) {
                sum += outer;
            }
            return (int)Math.min(sum, Integer.MAX_VALUE);
        }

        /** {@return the length of a character, a class or a quoted text} */
        private int atom(final char first) {
            if (first == '[') {
                skipClass();
            } else if (first == '\\' && index < regex.length() && regex.charAt(index++) == 'Q') {
                final int end = regex.indexOf("\\E", index);
                final int length = (end < 0 ? regex.length() : end) - index;
                index = end < 0 ? regex.length() : end + 2;
                return length;
            }
            return 1;
        }

        private void skipClass() {
            index += index < regex.length() && regex.charAt(index) == '^' ? 1 : 0;
            index += index < regex.length() && regex.charAt(index) == ']' ? 1 : 0;
            while (index < regex.length() && regex.charAt(index) != ']') {
                if (regex.startsWith("[:", index) && regex.indexOf(":]", index + 2) >= 0) {
                    index = regex.indexOf(":]", index + 2) + 2;
                } else if (skipOfClass() && regex.startsWith("-", index) && index + 1 < regex.length() &&
                    regex.charAt(index + 1) != ']') {
                    index++;
                    skipOfClass(); // the end of a range, be it a bracket
                }
            }
            index++;
        }

        /** Skips one character of a class or one escape. {@return whether a range may begin with it} */
        private boolean skipOfClass() {
            if (regex.charAt(index++) != '\\' || index == regex.length()) {
                return true;
            }
            final char escaped = regex.charAt(index++);
            final boolean isProperty = escaped == 'p' || escaped == 'P';
            if (isProperty || escaped == 'x') {
                final int end = regex.startsWith("{", index) ? regex.indexOf('}', index) : -1;
                index = end >= 0 ? end + 1 : Math.min(regex.length(), index + (isProperty ? 1 : 2));
            }
            return !isProperty && "dDsSwW".indexOf(escaped) < 0;
        }

        /** {@return the greater number of a repetition whose brace was read, 0 where it is none} */
        private long repetition() {
            final int end = regex.indexOf('}', index);
            long most = 0;
            long number = 0;
            for (int i = index; i < end; i++) {
                final char next = regex.charAt(i);
                if (next == ',') {
                    number = 0;
                } else if (next >= '0' && next <= '9') {
                    number = Math.min(Integer.MAX_VALUE, 10 * number + next - '0');
                } else {
                    return 0;
                }
                most = Math.max(most, number);
            }
            index = end < 0 ? index : end + 1;
            return most;
        }
    }
}
