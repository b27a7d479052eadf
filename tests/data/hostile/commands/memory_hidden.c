// expect: limit:memory
// A process whose accounts cannot be read.
#include "hostile.h"
int main(void)
{
    prctl(PR_SET_DUMPABLE, 0);
    for (;;) {
        char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p != MAP_FAILED) memset(p, 1, 1 << 20);
        usleep(500);
    }
}
