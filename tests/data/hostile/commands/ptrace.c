// expect: pass
// out: all refused
#include "hostile.h"
#include <sys/uio.h>
int main(void)
{
    char byte = 0;
    struct iovec mine = {&byte, 1}, theirs = {(void *)main, 1};
    REFUSED(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    REFUSED(ptrace(PTRACE_ATTACH, 1, NULL, NULL));
    REFUSED(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL));
    REFUSED(process_vm_readv(1, &mine, 1, &theirs, 1, 0));
    REFUSED(process_vm_writev(1, &mine, 1, &theirs, 1, 0));
    REFUSED(open("/proc/1/mem", O_RDWR));
    REFUSED(syscall(SYS_pidfd_getfd, (int)syscall(SYS_pidfd_open, 1, 0), 3, 0));
    DONE();
}
