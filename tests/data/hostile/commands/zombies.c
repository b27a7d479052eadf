// expect: limit:time
// limits: time=0.15
#include "hostile.h"
int main(void)
{
    for (int i = 0; i < 15; i++)
        if (fork() == 0) _exit(0);
    for (;;) pause();
}
