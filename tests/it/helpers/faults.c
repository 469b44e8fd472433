// Stands between a program and its C library, told by a shared file what to refuse: room on the disk, writing, the right time.
// Never touches files other than the database of a story, and nothing at all until it is told to.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct orders {
    volatile long long clock_ms; // added to the time of day
    volatile long long disk;     // 0: as it is, 1: full, 2: nothing may be written
};

static struct orders none;
static struct orders *orders = &none;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("STORY_FAULTS");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0) : -1;
    if (fd < 0) return;
    void *shared = mmap(NULL, sizeof(struct orders), PROT_READ, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED) orders = shared;
    close(fd);
}

int clock_gettime(clockid_t id, struct timespec *at) {
    int done = (int)syscall(SYS_clock_gettime, id, at);
    if (done == 0 && id == CLOCK_REALTIME) at->tv_sec += orders->clock_ms / 1000;
    return done;
}

static int is_database(const char *path) { return path && strstr(path, "ringback.db") != NULL; }

static int is_database_fd(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return is_database(path);
}

// Whether a write of these bytes is refused, with errno set.
static int refuses(int fd, off64_t end) {
    if (orders->disk == 0 || !is_database_fd(fd)) return 0;
    struct stat about;
    if (orders->disk == 1 && fstat(fd, &about) == 0 && end <= about.st_size) return 0;
    errno = orders->disk == 1 ? ENOSPC : EROFS;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *bytes, size_t count) {
    if (orders->disk != 0 && refuses(fd, lseek(fd, 0, SEEK_CUR) + (off64_t)count)) return -1;
    return syscall(SYS_write, fd, bytes, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
    if (refuses(fd, at + (off64_t)count)) return -1;
    return REAL(pwrite64)(fd, bytes, count, at);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    if (refuses(fd, at + (off_t)count)) return -1;
    return REAL(pwrite)(fd, bytes, count, at);
}

int ftruncate64(int fd, off64_t length) {
    if (refuses(fd, length)) return -1;
    return REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length) {
    if (refuses(fd, length)) return -1;
    return REAL(ftruncate)(fd, length);
}

static int may_open(const char *path, int flags) {
    if (orders->disk != 2 || (flags & (O_WRONLY | O_RDWR | O_CREAT)) == 0 || !is_database(path)) return 1;
    errno = EROFS;
    return 0;
}

#define MODE(flags)                                                                                                            \
    mode_t mode = 0;                                                                                                           \
    if ((flags) & O_CREAT) {                                                                                                   \
        va_list rest;                                                                                                          \
        va_start(rest, flags);                                                                                                 \
        mode = va_arg(rest, mode_t);                                                                                           \
        va_end(rest);                                                                                                          \
    }

int open(const char *path, int flags, ...) {
    MODE(flags)
    return may_open(path, flags) ? (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode) : -1;
}

int open64(const char *path, int flags, ...) {
    MODE(flags)
    return may_open(path, flags) ? (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode) : -1;
}
