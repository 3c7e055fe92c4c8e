/**
 * The schema of a result: immutable values, as they stand in {@code run.json} and its neighbours.
 *
 * <p>No input or output and no thread of its own. A field with a unit carries it as the suffix of its name. Imports
 * nothing of the other packages of this module.
 */
package io.millrace.results.model;
