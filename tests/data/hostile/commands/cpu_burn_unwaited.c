// expect: limit:cpu|limit:time
// limits: cpu=0.1 time=2
// Children that nobody waits for are counted by a cgroup only, where CPU time has one.
#include "hostile.h"
#include <time.h>
int main(void)
{
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        pid_t pid = fork();
        if (pid == 0) {
            while (clock() < CLOCKS_PER_SEC / 100) continue;
            _exit(0);
        }
        while (pid > 0 && kill(pid, 0) == 0) usleep(500);
    }
}
