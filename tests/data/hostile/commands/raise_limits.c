// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    struct rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
    REFUSED(setrlimit(RLIMIT_NPROC, &more));
    REFUSED(setrlimit(RLIMIT_FSIZE, &more));
    REFUSED(setrlimit(RLIMIT_NOFILE, &more));
    DONE();
}
