/**
 * Results for human eyes: the text table of a console and one HTML file that needs nothing beside itself.
 *
 * <p>Everything that comes from a file is escaped. Charts are drawn as SVG here; a little script adds the read-out
 * under the pointer, and every figure stands in a table as well. Callers' threads. Imports model, store, statistics.
 */
package io.millrace.results.report;
