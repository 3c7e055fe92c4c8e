/**
 * The Java client driven by the scenarios of {@code src/test/peers/README.md}, in a process of its own. Compiled once
 * against the pinned client and run with that or with an older one on the class path, so it uses only what both have
 * and imports nothing but kafka-clients and the JDK.
 */
package io.millrace.system.peers;
