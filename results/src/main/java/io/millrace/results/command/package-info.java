/**
 * The sub-commands of {@code millrace} that read results. The main thread's. Imports every package of this module.
 */
package io.millrace.results.command;
