/* Linux's own calls that Swift's Glibc module leaves out. No library belongs to it. */
#pragma once
#include <sys/signalfd.h>
