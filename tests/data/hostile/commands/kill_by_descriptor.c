// expect: pass
// out: still here
// What a descriptor does can make the kernel send a signal, and which is ours to say.
#include "hostile.h"
int main(void)
{
    int p[2], q[2];
    pid_t first = getppid();
    if (pipe(p) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, q) != 0) return 1;
    struct f_owner_ex owner = {F_OWNER_PID, first};
    fcntl(p[0], F_SETOWN, first);
    fcntl(p[0], F_SETOWN_EX, &owner);
    fcntl(p[0], F_SETSIG, SIGKILL);
    fcntl(p[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    ioctl(q[0], 0x8901, &first);
    ioctl(q[0], 0x8902, &first);
    fcntl(q[0], F_SETFL, O_ASYNC | O_NONBLOCK);
    if (write(p[1], "x", 1) != 1 || write(q[1], "x", 1) != 1) return 1;
    usleep(20000);
    puts("still here");
    return 0;
}
