/**
 * Several processes or hosts as one load: each worker runs its share of the producers against a topic the coordinator
 * made, all start at one moment, histograms come over second by second and are added up without loss.
 *
 * <p>JSON over HTTP, on the loopback interface unless told otherwise; there is no authentication, so no other interface
 * should be reachable by strangers. The worker's requests are served by a few threads, its run has one of its own. May
 * import {@code run} and what it imports.
 */
package io.millrace.load.worker;
