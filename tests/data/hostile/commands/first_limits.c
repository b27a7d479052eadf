// expect: pass
// out: all refused
// The process that watches the limits has the same user: its own limits are not for us.
#include "hostile.h"
int main(void)
{
    struct rlimit none = {0, 0};
    REFUSED(prlimit(1, RLIMIT_CPU, &none, NULL));
    REFUSED(prlimit(1, RLIMIT_NOFILE, &none, NULL));
    REFUSED(prlimit(1, RLIMIT_AS, &none, NULL));
    REFUSED(syscall(SYS_prlimit64, 0x700000001, RLIMIT_CPU, &none, NULL));
    REFUSED(prlimit(getppid(), RLIMIT_CPU, &none, NULL)); /* who is the first without a namespace */
    DONE();
}
