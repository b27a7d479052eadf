// expect: pass
// out: still here
#include "hostile.h"
int main(void)
{
    for (int s = 1; s < 65; s++) {
        kill(getppid(), s);
        kill(1, s);
    }
    usleep(20000);
    puts("still here");
    return kill(1, 0) != 0 && errno != EPERM;
}
