package io.millrace.engine.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system refused, in words with a remedy: the JDK often names the file only. Stateless. */
public final class FileProblems {
    private FileProblems() {
    }

    /**
     * Tells whether a message for people can be made of a failure; others are defects to be shown whole.
     *
     * @param failure any
     * @return whether {@link #describe} says more than the failure itself
     */
    public static boolean isExplained(final Throwable failure) {
        return failure instanceof IOException ex && (ex instanceof FileSystemException || FileLogFile.isDiskFull(ex));
    }

    /**
     * Puts a failure into words.
     *
     * @param ex what the file system threw
     * @return what, where and what to do
     */
    public static String describe(final IOException ex) {
        final String file = ex instanceof FileSystemException refused && refused.getFile() != null
            ? refused.getFile() : "";
        final String text;
        if (FileLogFile.isDiskFull(ex)) {
            text = "disk full" + (file.isEmpty() ? "" : ": cannot write " + file)
                + "; free space on that disk, then try again";
        } else if (ex instanceof AccessDeniedException) {
            text = "permission denied: " + file + "; change its owner or mode, or name another place";
        } else if (ex instanceof NoSuchFileException) {
            text = "no such file or directory: " + file + "; check the path, or make its parent directory";
        } else if (ex instanceof FileAlreadyExistsException || ex instanceof NotDirectoryException) {
            text = "not a directory: " + file + "; name another place";
        } else {
            text = ex.getMessage() == null ? ex.toString() : ex.getMessage();
        }
        return text;
    }
}
