/** Chronicle Queue as a store of records; loaded by a class loader of its own, not on the application's class path. */
package io.millrace.drivers.chronicle;
