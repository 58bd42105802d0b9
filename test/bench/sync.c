/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench/sync.c - counts the flushes a process asks for, without a debugger.
 *
 * Loaded before the process (LD_PRELOAD); stands before fdatasync and fsync of the C library, and
 * adds one to the number that the file named by BENCH_SYNC begins with, then does what was asked.
 */
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic uint64_t *count;

__attribute__((constructor)) static void
map_count(void)
{
    const char *path = getenv("BENCH_SYNC");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *at;

    if (fd < 0)
        return;
    at = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        count = at;
}

static int
counted(long call, int fd)
{
    if (count)
        atomic_fetch_add(count, 1);
    return (int)syscall(call, fd);
}

int
fdatasync(int fd)
{
    return counted(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    return counted(SYS_fsync, fd);
}
