/* Linux's own calls that Swift's Glibc module leaves out. No library belongs to it. */
#pragma once
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>

/* Whether the process ignores a signal, as nohup has it. */
static inline int hookline_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}
