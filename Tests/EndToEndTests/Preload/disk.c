/* Preloaded into the command: a disk that fails. Each fsync of a file whose path holds HOOKLINE_TEST_PATH fails with EIO
 * from the call with the number HOOKLINE_TEST_FROM on (1 if not said), HOOKLINE_TEST_TIMES times (always if not said). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

static int fails(int descriptor) {
    static int calls;
    const char *part = getenv("HOOKLINE_TEST_PATH");
    if (!part) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t count = readlink(link, path, sizeof path - 1);
    if (count < 0) return 0;
    path[count] = 0;
    if (!strstr(path, part)) return 0;
    calls++;
    int from = number("HOOKLINE_TEST_FROM", 1);
    if (calls < from || calls - from >= number("HOOKLINE_TEST_TIMES", 1 << 30)) return 0;
    errno = EIO;
    return 1;
}

int fsync(int descriptor) {
    if (fails(descriptor)) return -1;
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}
