/**
 * The seam between the load generator and the system under test, and the driver that measures the harness itself.
 *
 * <p>A {@code DriverSession} belongs to one sending thread and serves all producers of that thread. May import
 * {@code workload}; knows nothing of schedules, histograms or phases.
 */
package io.millrace.load.driver;
