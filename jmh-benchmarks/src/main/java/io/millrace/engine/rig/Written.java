package io.millrace.engine.rig;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts bytes beside operations, so that a score stands in bytes/s too. One per JMH thread. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Written {
    /** Bytes written or read within the iteration. */
    public long bytes;
}
