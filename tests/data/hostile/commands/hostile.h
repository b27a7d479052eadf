/* For hostile C commands: each attempt must be refused; the first that is not is told. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#define REFUSED(call)                                                                              \
    do {                                                                                           \
        errno = 0;                                                                                 \
        if ((long)(call) != -1) {                                                                  \
            printf("ALLOWED %s\n", #call);                                                         \
            return 1;                                                                              \
        }                                                                                          \
    } while (0)
#define DONE()                                                                                     \
    do {                                                                                           \
        puts("all refused");                                                                       \
        return 0;                                                                                  \
    } while (0)
