/**
 * Reading everything back: what was acknowledged must be there, once, in order and undamaged.
 *
 * <p>One thread. May import {@code record}'s ledger and {@code workload}'s record header.
 */
package io.millrace.load.verify;
