// expect: limit:memory|fail
// Where memory is only counted, memfd_create is refused: then it fails.
#include "hostile.h"
int main(void)
{
    static char page[65536];
    for (;;) {
        int fd = memfd_create("m", 0);
        if (fd < 0 && errno == EPERM) return 3;
        for (int i = 0; i < 64; i++)
            if (write(fd, page, sizeof page) < 0) break;
    }
}
