package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regular expressions of strangers. */
class TopicPatternTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(strings = {
        "((){2147483647}){2147483647}", "((){1000}){1000}", "((a{100}){100}){100}", "((a{0,1000}){0,1000}){0,1000}",
        "((a{1000,}){1000,}){1000,}", "(?i:(?:[)]{1000}){1000})", "(\\Q(\\E{1000}){1000}", "([[:alpha:])]{1000}){1000}",
        "(([^])]{1000}x){1000})", "a{1001}", "(\\Q)", "(?<!x)y", "t("})
    void shouldRefuseWhatTakesTooMuchOrIsBroken(final String regex) {
        assertTimeoutPreemptively(LONG, () -> {
            assertFalse(TopicPattern.isValid(regex));
            assertEquals(List.of(), match(regex, List.of("a", "b")).names());
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[a-z]{1,249}", ".*", "(?i)ORDERS-.+",
        "a|b|c", "\\Qa.b\\E.*", "[[:alpha:]_.-]{1,100}", "x{y}", "(?:orders|payments)(?:\\.[a-z]{2}){0,3}"})
    void shouldTakeWhatPeopleWrite(final String regex) {
        assertTrue(TopicPattern.isValid(regex));
    }

    private static TopicPattern.Matches match(final String regex, final List<String> names) {
        return TopicPattern.match(regex, names, TopicPattern.Matches.NONE, TopicPattern.MAX_STEP_COUNT);
    }

    @Test
    void shouldGoOnWhereItStopped() {
        final List<String> names = IntStream.range(0, 100).mapToObj(i -> "a" + i).toList();
        TopicPattern.Matches matches = TopicPattern.Matches.NONE;
        int count = 0;
        while (matches.nextIndex() < names.size()) {
            matches = TopicPattern.match("a[0-9]*[05]", names, matches, 2000);
            assertTrue(matches.stepCount() <= 2000);
            count++;
        }
        assertTrue(count > 2 && count < 50, "times=" + count);
        assertEquals(names.stream().filter(name -> name.endsWith("0") || name.endsWith("5")).toList(),
            matches.names());
    }

    @Test
    void shouldMatchNamesAsAWholeInOrder() {
        assertEquals(List.of("a1", "a2"), match("a[0-9]", List.of("a1", "a11", "a2", "xa1")).names());
    }

    @Test
    void shouldEndWhatMakesOthersTryEverything() {
        assertTimeoutPreemptively(LONG, () -> {
            assertEquals(List.of("aab"), match("(a+)+b", List.of("aab", "a".repeat(249))).names());
            final List<String> names =
                IntStream.range(0, 100_000).mapToObj(i -> "a".repeat(200) + i).toList();
            assertEquals(List.of(), match("(a?){400}.*a{401}", names).names());
        });
    }

    @Test
    void shouldEndAClassWhereTheLibraryDoes() {
        for (final String regex : List.of("[^[(-[:alpha:]{0,7}\\Q", "[a-[]{9}", "[\\d-[:alpha:]]{9}",
            "[\\pL-[:alpha:]]{9}", "[\\x{61}-[]{9}", "[]-[]{9}", "[a\\]-[]{9}")) {
            final int counted = new TopicPattern.Expansion(regex).length();
            assertTrue(counted >= 8, regex + ": " + counted);
            assertTrue(counted <= 12, regex + ": " + counted);
        }
    }

    @Test
    void shouldRepeatWhatStandsBeforeAnEmptyQuotation() {
        assertTrue(new TopicPattern.Expansion("a{9}\\Q\\E{9}").length() >= 81);
    }

    /** What the library makes of an expression is never much more than what was counted before. */
    @Test
    void shouldCountNoLessThanTheLibraryMakes() {
        final long seed = Long.getLong("millrace.test.seed", System.nanoTime());
        final SplittableRandom random = new SplittableRandom(seed);
        final String[] parts = {"a", "b", "(", "(", ")", ")", "[", "]", "^", "{3}", "{0,7}", "{5,}", "{9}", "{", "}",
            "*", "?", "|", "\\", "\\Q", "\\E", "[:alpha:]",
            "[^", "[a-[", "\\d", "\\pL", "\\p{Greek}",
            "\\x{61}", "(?:", "(?i:", ",", "1", "-", ":", "[a)]", "[]", ".", "$"};
        int takenCount = 0;
        for (int i = 0; i < 100_000; i++) {
            final StringBuilder regex = new StringBuilder();
            for (int j = random.nextInt(1, 16); j > 0; j--) {
                regex.append(parts[random.nextInt(parts.length)]);
            }
            final int counted = new TopicPattern.Expansion(regex.toString()).length();
            if (counted > TopicPattern.MAX_EXPANDED_LENGTH) {
                continue;
            }
            try {
                final int size = Pattern.compile(regex.toString()).programSize();
                takenCount++;
                assertTrue(size <= 4 * counted + 8, () -> "'" + regex + "': counted=" + counted + ", size=" + size
                    + ", seed=" + seed);
            } catch (final PatternSyntaxException ex) {
                continue; // most of them are none
            }
        }
        assertTrue(takenCount > 1000, () -> "too few were expressions, seed=" + seed);
    }
}
