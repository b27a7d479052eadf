// expect: pass
// out: all refused
#include "hostile.h"
int main(void)
{
    for (int family = 0; family < 64; family++) {
        if (family == AF_UNIX) continue;
        REFUSED(socket(family, SOCK_STREAM, 0));
        REFUSED(socket(family, SOCK_DGRAM, 0));
        REFUSED(socket(family, SOCK_RAW, 3));
    }
    DONE();
}
