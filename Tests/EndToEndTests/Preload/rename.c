/* Preloaded into the command: the process is killed before or after it renames a file, as a machine that goes down does.
 * HOOKLINE_TEST_KILL is "before" or "after". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rename(const char *from, const char *to) {
    const char *when = getenv("HOOKLINE_TEST_KILL");
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    if (when && strcmp(when, "before") == 0) kill(getpid(), SIGKILL);
    int result = real(from, to);
    if (when && strcmp(when, "after") == 0) kill(getpid(), SIGKILL);
    return result;
}
