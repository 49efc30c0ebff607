// Preloaded into hookline by scripts/chaos --disk and by tests: a disk that fails as it is told.
//
// Usage:  LD_PRELOAD=chaos_disk.so DISK_FAULTS='sync *.tmp 1 0 5' hookline ...
//
// Needs:  Linux, glibc. Built by scripts/chaos_disk.py and Tests/EndToEndTests/PreparedNetwork.swift.
/* DISK_FAULTS holds lines `CALL GLOB FROM TIMES ERRNO`. From the call with the number FROM, from 1, of those on a file whose
 * path matches GLOB, as many as TIMES fail with ERRNO; 0 times: all. CALL is one of
 *
 *   sync      fsync, fdatasync                  open      also where it makes the file
 *   write     write, pwrite                     rename    by the old name
 *   tear      a write puts half of its bytes there, and the next one fails
 *   short     a write puts half of its bytes there, which is no failure
 *   read      pread                             truncate  ftruncate
 *   unlink    of a name
 *
 * Each failure is noted as a line `CALL PATH` in the file DISK_FAULTS_LOG, if that is set. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

struct rule {
    char call[16], glob[256];
    int from, times, error;
    int calls, torn;
};

static struct rule rules[16];
static int count;

__attribute__((constructor)) static void read_rules(void) {
    const char *text = getenv("DISK_FAULTS");
    int taken;
    while (text && count < 16) {
        struct rule *rule = &rules[count];
        if (sscanf(text, " %15s %255s %d %d %d%n", rule->call, rule->glob, &rule->from, &rule->times, &rule->error,
                   &taken) != 5)
            return;
        text += taken;
        count++;
    }
}

static void note(const char *call, const char *path) {
    const char *log = getenv("DISK_FAULTS_LOG");
    char line[4200];
    int size = snprintf(line, sizeof line, "%s %s\n", call, path);
    int descriptor = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (descriptor < 0) return;
    if (syscall(SYS_write, descriptor, line, size) != size) abort();
    syscall(SYS_close, descriptor);
}

/* Whether a rule for this call has its turn. */
static struct rule *due(const char *call, const char *path) {
    for (int index = 0; index < count; index++) {
        struct rule *rule = &rules[index];
        if (strcmp(rule->call, call) || fnmatch(rule->glob, path, 0)) continue;
        int number = __atomic_add_fetch(&rule->calls, 1, __ATOMIC_RELAXED);
        if (number < rule->from || (rule->times && number - rule->from >= rule->times)) continue;
        note(call, path);
        errno = rule->error;
        return rule;
    }
    return NULL;
}

static int has(const char *call) {
    for (int index = 0; index < count; index++)
        if (!strcmp(rules[index].call, call)) return 1;
    return 0;
}

static struct rule *due_at(const char *call, int descriptor) {
    if (!has(call)) return NULL;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return NULL;
    path[size] = 0;
    return due(call, path);
}

int fsync(int descriptor) { return due_at("sync", descriptor) ? -1 : REAL(fsync)(descriptor); }
int fdatasync(int descriptor) { return due_at("sync", descriptor) ? -1 : REAL(fdatasync)(descriptor); }
int ftruncate(int descriptor, off_t size) {
    return due_at("truncate", descriptor) ? -1 : REAL(ftruncate)(descriptor, size);
}
int ftruncate64(int descriptor, off_t size) { return ftruncate(descriptor, size); }

int rename(const char *old, const char *new) { return due("rename", old) ? -1 : REAL(rename)(old, new); }
int unlink(const char *path) { return due("unlink", path) ? -1 : REAL(unlink)(path); }

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset) {
    return due_at("read", descriptor) ? -1 : REAL(pread)(descriptor, bytes, size, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t size, off_t offset) {
    return pread(descriptor, bytes, size, offset);
}

/* How many bytes a write may put there; -1: it fails. */
static ssize_t allowed(int descriptor, size_t size) {
    static struct rule *torn;
    static int torn_descriptor;
    int before = errno;
    if (torn && torn_descriptor == descriptor) {
        errno = torn->error;
        torn = NULL;
        return -1;
    }
    if (due_at("write", descriptor)) return -1;
    struct rule *tear = size > 1 ? due_at("tear", descriptor) : NULL;
    if (tear) {
        torn = tear;
        torn_descriptor = descriptor;
    }
    int is_short = tear || (size > 1 && due_at("short", descriptor));
    errno = before;
    return is_short ? size / 2 : size;
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
    ssize_t part = allowed(descriptor, size);
    return part < 0 ? -1 : REAL(write)(descriptor, bytes, part);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset) {
    ssize_t part = allowed(descriptor, size);
    return part < 0 ? -1 : REAL(pwrite)(descriptor, bytes, part, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t offset) {
    return pwrite(descriptor, bytes, size, offset);
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return due("open", path) ? -1 : REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open(path, flags, mode);
}
