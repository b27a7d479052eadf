// expect: limit:time|limit:procs
// limits: time=0.3
// Orphans as fast as they are waited for.
#include "hostile.h"
int main(void)
{
    for (int i = 0; i < 3; i++) {
        if (fork() != 0) continue;
        for (;;) {
            pid_t pid = fork();
            if (pid == 0) {
                fork();
                _exit(0);
            }
            if (pid > 0) waitpid(pid, NULL, 0);
        }
    }
    for (;;) pause();
}
