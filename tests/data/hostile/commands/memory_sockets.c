// expect: pass|limit:memory
#include "hostile.h"
int main(void)
{
    static char page[65536];
    for (int i = 0; i < 250; i++) {
        int fd[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) != 0) break;
        while (write(fd[0], page, sizeof page) > 0) continue;
    }
    return 0;
}
