/**
 * Aeron Archive: media driver and archive in a process of their own, a recorded publication over shared memory for each
 * partition and sending thread.
 *
 * <p>May import {@code targets.process} and {@code targets.wire}, and Aeron, which the application has anyway.
 */
package io.millrace.targets.archive;
