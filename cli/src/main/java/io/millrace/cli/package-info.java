/** Placeholder until its first class. */
package io.millrace.cli;
