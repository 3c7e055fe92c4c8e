package io.millrace.broker.group;

/** The memory that all coordinators of a node share. */
@FunctionalInterface
public interface GroupMemory {
    /**
     * {@return whether there is room for more}
     *
     * @param length bytes
     */
    boolean hasRoom(long length);
}
