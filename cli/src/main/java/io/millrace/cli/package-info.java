/**
 * The {@code millrace} command: gathers the modules' sub-commands, answers {@code --help} and {@code --version}, turns
 * failures into messages and exit codes. Runs on the main thread only. May import every module.
 */
package io.millrace.cli;
