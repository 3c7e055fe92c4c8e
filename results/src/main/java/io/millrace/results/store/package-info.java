/**
 * Run and experiment directories: written as the measurement goes, readable at any moment.
 *
 * <p>Every line is flushed when it is written and {@code run.json} is replaced atomically, so a process that dies
 * loses at most the second it was in. Callers' threads; a {@code RunWriter} may be shared. Imports the model.
 */
package io.millrace.results.store;
