// expect: pass
// out: all refused
// A watcher that gets no turn is late.
#include "hostile.h"
int main(void)
{
    struct sched_param idle = {0};
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    REFUSED(setpriority(PRIO_PROCESS, 1, 19));
    REFUSED(setpriority(PRIO_USER, 0, 19));
    REFUSED(setpriority(PRIO_USER, getuid(), 19));
    REFUSED(sched_setscheduler(1, SCHED_IDLE, &idle));
    REFUSED(sched_setaffinity(1, sizeof one, &one));
    REFUSED(syscall(SYS_ioprio_set, 1, 1, 3 << 13));
    REFUSED(syscall(SYS_ioprio_set, 3, 0, 3 << 13));
    REFUSED(setpriority(PRIO_PROCESS, getppid(), 19)); /* who is the first without a namespace */
    if (getpgid(getppid()) > 0) REFUSED(setpriority(PRIO_PGRP, getpgid(getppid()), 19));
    REFUSED(sched_setscheduler(getppid(), SCHED_IDLE, &idle));
    REFUSED(sched_setaffinity(getppid(), sizeof one, &one));
    REFUSED(syscall(SYS_ioprio_set, 1, getppid(), 3 << 13));
    DONE();
}
