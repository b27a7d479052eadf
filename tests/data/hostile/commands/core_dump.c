// expect: crash
// out: one byte
// At a limit of zero the kernel would hand our memory to the machine's own program for dumps.
#include "hostile.h"
int main(void)
{
    struct rlimit core = {0, 0};
    setrlimit(RLIMIT_CORE, &core);
    prlimit(0, RLIMIT_CORE, &core, NULL);
    prlimit(getpid(), RLIMIT_CORE, &core, NULL);
    getrlimit(RLIMIT_CORE, &core);
    if (core.rlim_cur == 1 && core.rlim_max == 1) puts("one byte");
    fflush(stdout);
    abort();
}
