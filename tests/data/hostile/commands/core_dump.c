// expect: crash
// out: kept
// At a limit of zero the kernel would hand our memory to the machine's own program for dumps. One byte is what we have,
// and keep; a machine that allows none at all (then it is zero) has no such program for us.
#include "hostile.h"
int main(void)
{
    struct rlimit before, after, none = {0, 0};
    getrlimit(RLIMIT_CORE, &before);
    setrlimit(RLIMIT_CORE, &none);
    prlimit(0, RLIMIT_CORE, &none, NULL);
    prlimit(getpid(), RLIMIT_CORE, &none, NULL);
    getrlimit(RLIMIT_CORE, &after);
    if (before.rlim_max <= 1 && after.rlim_cur == before.rlim_cur && after.rlim_max == before.rlim_max) puts("kept");
    fflush(stdout);
    abort();
}
