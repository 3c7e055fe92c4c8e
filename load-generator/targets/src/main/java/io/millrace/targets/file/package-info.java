/** A plain file a partition: what the file system itself takes, with and without syncs. */
package io.millrace.targets.file;
