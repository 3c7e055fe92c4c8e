/**
 * What is to be sent: options with their units and limits, and the bytes of one record.
 *
 * <p>Immutable values; no thread, no input or output. Imports nothing of the other packages.
 */
package io.millrace.load.workload;
