/**
 * How a command ends: exit codes, and failures that the user can mend. Any thread. May import the JDK.
 */
package io.millrace.cli.exit;
