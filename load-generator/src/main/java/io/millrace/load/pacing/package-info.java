/**
 * When it is to be sent: the open-loop schedule of intended send times, in exact integer arithmetic.
 *
 * <p>Owned by the sending thread. Imports nothing of the other packages.
 */
package io.millrace.load.pacing;
