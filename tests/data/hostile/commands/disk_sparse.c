// expect: limit:disk
#include "hostile.h"
int main(void)
{
    int fd = open("huge", O_RDWR | O_CREAT, 0600);
    return ftruncate(fd, 1ll << 40) == 0;
}
