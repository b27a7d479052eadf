// expect: crash
// The table of 32 bit calls has other numbers.
#include "hostile.h"
int main(void)
{
#ifdef __x86_64__
    long out;
    __asm__ volatile("int $0x80" : "=a"(out) : "a"(20) : "memory", "r8", "r9", "r10", "r11");
    return out > 0;
#else
    abort();
#endif
}
