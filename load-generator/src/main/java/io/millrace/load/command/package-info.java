/**
 * {@code millrace bench run} and {@code millrace bench ab}: options, their help, and what is printed.
 *
 * <p>Main thread. May import every other package of this module and picocli.
 */
package io.millrace.load.command;
