/**
 * Other systems that this tool can start and put under the same load, each in a package of its own.
 *
 * <p>Servers run as processes of their own; libraries that would have to share this process come from a directory of
 * their own through a class loader of their own. So nothing of them is on the application's class path.
 */
package io.millrace.targets;
