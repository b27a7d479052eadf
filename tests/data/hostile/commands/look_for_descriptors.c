// expect: pass
// out: 0 1 2 .
#include "hostile.h"
int main(void)
{
    for (int fd = 0; fd < 5000; fd++)
        if (fcntl(fd, F_GETFD) >= 0) printf("%d ", fd);
    puts(".");
    return 0;
}
