/**
 * The seam to files: {@link io.millrace.engine.io.LogStorage} is one directory, {@link io.millrace.engine.io.LogFile}
 * one file in it. The real adapter and the simulated disk both stand behind it, so a failed, short or lost write can be
 * made to happen on purpose.
 *
 * <p>Threads: each method says who may call it. May import: nothing but the JDK.
 */
package io.millrace.engine.io;
