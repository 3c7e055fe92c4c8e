/**
 * What a measurement leaves behind, and what may be said about it: schema, store, statistics, report.
 *
 * <p>Everything here is off the hot path and runs on the thread of its caller. Imports no other module.
 */
package io.millrace.results;
