/**
 * Libraries that keep records in files of this process, as floors to compare servers with: what such a library has to
 * do, and topics, sending and reading on top of it.
 *
 * <p>May import {@code targets.process} and {@code targets.wire}; a library with dependencies of its own is found in a
 * class loader of its own.
 */
package io.millrace.targets.store;
