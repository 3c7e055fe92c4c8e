/*
 * Lets the n-th write or sync of some files fail, in a real process:
 *   gcc -shared -fPIC -O2 -o fault-shim.so fault-shim.c -ldl, then LD_PRELOAD=fault-shim.so.
 * What fails is said by the file MILLRACE_SHIM_CONTROL, which is mapped, so that it can be changed while the process
 * runs; the shim counts in it what it saw and what it did.
 *
 * The file: 64-bit little-endian words armed, operation, action, calls to pass, repeats, calls seen, faults done; at
 * byte 64 a part of the file's path, ending with a zero byte.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ARMED, OPERATION, ACTION, PASSES, REPEATS, SEEN, DONE };
enum { WRITE = 1, SYNC = 2 };
enum { NO_FAULT = 0, IO_ERROR = 1, NO_SPACE = 2, SHORT_WRITE = 3 };

#define CONTROL_LENGTH 4096
#define PATH_AT 64

static volatile int64_t *control;

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("MILLRACE_SHIM_CONTROL");
    int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        void *mapped = mmap(NULL, CONTROL_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        close(fd);
        control = mapped == MAP_FAILED ? NULL : mapped;
    }
}

static int is_meant(int fd) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) {
        return 0;
    }
    path[length] = 0;
    return strstr(path, (const char *) control + PATH_AT) != NULL;
}

static int64_t fault(int fd, int64_t operation) {
    if (control == NULL || !control[ARMED] || control[OPERATION] != operation || !is_meant(fd)) {
        return NO_FAULT;
    }
    __sync_fetch_and_add(&control[SEEN], 1);
    int64_t left = __sync_fetch_and_sub(&control[PASSES], 1);
    if (left > 0 || (left < 0 && !control[REPEATS])) {
        return NO_FAULT;
    }
    __sync_fetch_and_add(&control[DONE], 1);
    return control[ACTION];
}

/* Prepares a write: its length, or -1 when it fails. */
static ssize_t length_of(int fd, size_t length) {
    switch (fault(fd, WRITE)) {
        case IO_ERROR:
            errno = EIO;
            return -1;
        case NO_SPACE:
            errno = ENOSPC;
            return -1;
        case SHORT_WRITE:
            return (ssize_t) (length > 1 ? length / 2 : length);
        default:
            return (ssize_t) length;
    }
}

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL) {
        abort();
    }
    return found;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    static ssize_t (*real)(int, const void *, size_t);
    if (real == NULL) {
        real = next("write");
    }
    ssize_t taken = length_of(fd, length);
    return taken < 0 ? -1 : real(fd, bytes, (size_t) taken);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) {
    static ssize_t (*real)(int, const void *, size_t, off_t);
    if (real == NULL) {
        real = next("pwrite");
    }
    ssize_t taken = length_of(fd, length);
    return taken < 0 ? -1 : real(fd, bytes, (size_t) taken, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (real == NULL) {
        real = next("pwrite64");
    }
    ssize_t taken = length_of(fd, length);
    return taken < 0 ? -1 : real(fd, bytes, (size_t) taken, at);
}

static int sync_with(int (*real)(int), int fd) {
    if (fault(fd, SYNC) != NO_FAULT) {
        errno = EIO;
        return -1;
    }
    return real(fd);
}

int fsync(int fd) {
    static int (*real)(int);
    if (real == NULL) {
        real = next("fsync");
    }
    return sync_with(real, fd);
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (real == NULL) {
        real = next("fdatasync");
    }
    return sync_with(real, fd);
}
