/**
 * Reads what other load generators call a workload and says the same in our words; what has no equivalent is listed.
 *
 * <p>Plain functions from text to {@link io.millrace.load.convert.Conversion}; may import {@code workload} and
 * {@code run}'s writer of workload files.
 */
package io.millrace.load.convert;
