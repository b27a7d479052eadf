// expect: pass
// out: still here
#include "hostile.h"
int main(void)
{
    kill(-1, SIGSTOP);
    kill(-1, SIGKILL);
    puts("still here");
    return 0;
}
