// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    static const int flags[] = {CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,   CLONE_NEWIPC,
                                CLONE_NEWNET,  CLONE_NEWUTS, CLONE_NEWCGROUP};
    for (int i = 0; i < 7; i++) {
        REFUSED(unshare(flags[i]));
        REFUSED(syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0));
        REFUSED(syscall(SYS_clone, flags[i] | CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    }
    struct { unsigned long long a[11]; } args = {{CLONE_NEWUSER}};
    REFUSED(syscall(435, &args, sizeof args)); /* clone3 */
    REFUSED(setns(open("/proc/1/ns/mnt", O_RDONLY), 0));
    DONE();
}
