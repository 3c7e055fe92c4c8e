package io.millrace.system.chaos;

import java.io.IOException;
import java.util.List;

/** A fault that is done to certain nodes. Owned by the main thread. */
interface Fault {
    /** {@return the nodes it is done to} */
    List<ChaosNode> victims();

    void inject() throws IOException;

    /**
     * {@return what was seen of it, so that nobody need take it on trust}
     *
     * @throws IOException      when it cannot be looked for
     * @throws Wait.TooLateException when it did not happen
     */
    String prove() throws IOException, Wait.TooLateException;

    /**
     * Takes the fault away; nodes that are down are started.
     *
     * @return what was seen then
     * @throws IOException      when it cannot be done
     * @throws Wait.TooLateException when it did not help
     */
    String heal() throws IOException, Wait.TooLateException;
}
