// expect: limit:time
// limits: time=0.3
// Signals as fast as they are read.
#include "hostile.h"
int main(void)
{
    for (int i = 0; i < 8; i++) {
        if (fork() != 0) continue;
        for (;;) kill(1, SIGCHLD);
    }
    for (;;) pause();
}
