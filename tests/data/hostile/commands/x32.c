// expect: crash
// Calls of the x32 table pass a filter that knows numbers only.
#include "hostile.h"
int main(void)
{
    return syscall(0x40000000 + SYS_getpid) > 0;
}
