// expect: pass
// landlock: pass|limit:procs
// Changes its process id all the time, so that no single kill finds it.
#include "hostile.h"
int main(void)
{
    if (fork() > 0) return 0;
    setsid();
    for (;;)
        if (fork() > 0) _exit(0);
}
