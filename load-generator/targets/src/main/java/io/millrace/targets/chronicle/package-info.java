/** Chronicle Queue, from a directory of the application that is on no class path. */
package io.millrace.targets.chronicle;
