/**
 * Reading everything back: what was acknowledged must be there, once, in order and undamaged.
 *
 * <p>One thread. May import {@code driver}'s source interface, {@code record}'s ledger and {@code workload}'s header.
 */
package io.millrace.load.verify;
