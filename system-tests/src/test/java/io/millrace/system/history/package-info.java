/**
 * What clients saw while a cluster was broken on purpose, and the checker that says whether that may be. Events are
 * appended by any thread and checked by one, in one pass and with a few bytes a record. Imports nothing of the broker.
 */
package io.millrace.system.history;
