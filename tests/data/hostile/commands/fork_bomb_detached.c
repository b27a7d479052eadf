// expect: limit:procs
#include "hostile.h"
int main(void)
{
    for (int s = 1; s < 32; s++) signal(s, SIG_IGN);
    for (;;)
        if (fork() == 0) setsid();
}
