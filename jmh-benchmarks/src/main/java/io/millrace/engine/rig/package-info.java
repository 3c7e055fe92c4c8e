/**
 * What the engine's benchmarks have in common: scratch folders, batches, the flags of their forks. Threads as said by
 * each class. May import everything.
 */
package io.millrace.engine.rig;
