/**
 * What was seen: latency histograms, counts, the ledger of sent and acknowledged records, stalls of this process.
 *
 * <p>Each recorder has one writing thread per field group, named in its Javadoc; the sampling thread reads interval
 * histograms without stopping it. May import {@code driver}'s listener; nothing else of this module.
 */
package io.millrace.load.record;
