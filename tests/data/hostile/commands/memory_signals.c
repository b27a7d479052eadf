// expect: pass
// out: few
#include "hostile.h"
#include <time.h>
int main(void)
{
    int n = 0;
    sigset_t all;
    union sigval value = {0};
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    while (n < 100000 && sigqueue(getpid(), SIGRTMIN, value) == 0) n++;
    puts(n <= 1024 ? "few" : "many");
    return 0;
}
