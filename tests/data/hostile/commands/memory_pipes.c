// expect: pass|limit:memory
#include "hostile.h"
int main(void)
{
    static char page[65536];
    for (int child = 0; child < 8; child++) {
        if (fork() != 0) continue;
        for (int i = 0; i < 200; i++) {
            int fd[2];
            if (pipe(fd) != 0) break;
            fcntl(fd[1], F_SETPIPE_SZ, 1 << 20);
            fcntl(fd[1], F_SETFL, O_NONBLOCK);
            while (write(fd[1], page, sizeof page) > 0) continue;
        }
        usleep(200000);
        _exit(0);
    }
    while (wait(NULL) > 0) continue;
    return 0;
}
