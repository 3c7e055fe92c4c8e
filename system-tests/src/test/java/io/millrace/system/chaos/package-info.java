/**
 * Breaks real brokers on purpose and checks what their clients saw. The main thread drives; clients have threads of
 * their own. No test framework may be imported by what {@code millrace chaos} runs.
 */
package io.millrace.system.chaos;
