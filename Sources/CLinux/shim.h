/* Linux's own calls that Swift's Glibc module leaves out. No library belongs to it. */
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether the process ignores a signal, as nohup has it. */
static inline int hookline_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Blocks of this size and more get pages of their own: growing them moves pages, and freeing gives them back. */
static inline int hookline_map_blocks_from(int bytes) {
    return mallopt(M_MMAP_THRESHOLD, bytes) == 1 && mallopt(M_TRIM_THRESHOLD, 2 * bytes) == 1;
}

/* Starts writing these bytes of a file to the disk and does not wait; a file system without it does nothing. By number,
   since glibc declares the call only with _GNU_SOURCE, which another header may have come before. */
static inline void hookline_begin_writeback(int descriptor, long offset, long count) {
    (void)syscall(SYS_sync_file_range, descriptor, offset, count, 2u /* SYNC_FILE_RANGE_WRITE */);
}

/* Opens a new file of a folder that has no name, so that it ends with its last descriptor. -1 and errno if that failed. */
static inline int hookline_open_unnamed(const char *folder) {
    return open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

/* Gives a part of a file's room on the disk back; its length stays. 0, or -1 and errno. */
static inline int hookline_punch_hole(int descriptor, off_t offset, off_t count) {
    return fallocate(descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, count);
}

/* Columns and rows of the terminal behind a descriptor; 0 where there is none or it does not say. */
static inline struct winsize hookline_terminal_size(int descriptor) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) size.ws_col = size.ws_row = 0;
    return size;
}
