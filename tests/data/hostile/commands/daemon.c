// expect: pass
// A double fork and a session of its own: gone with the verdict, which does not wait for it.
#include "hostile.h"
int main(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int s = 1; s < 65; s++) signal(s, SIG_IGN);
            for (;;) pause();
        }
        _exit(0);
    }
    wait(NULL);
    return 0;
}
