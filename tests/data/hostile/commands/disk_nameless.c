// expect: pass
// landlock: limit:disk
// A file that has no name any more takes its place all the same: a disk of its own is full, of another all is told.
#include "hostile.h"
int main(void)
{
    static char bytes[65536];
    for (int n = 0; n < 40; n++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", n);
        int fd = open(name, O_RDWR | O_CREAT, 0600);
        unlink(name);
        for (int i = 0; i < 16 && fd >= 0; i++)
            if (write(fd, bytes, sizeof bytes) < 0) return 0;
    }
    sleep(2);
    return 0;
}
