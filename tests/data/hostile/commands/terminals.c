// expect: pass
// out: few
// The machine has 4096 for all.
#include "hostile.h"
int main(void)
{
    int n = 0;
    while (n < 400 && open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0) n++;
    puts(n <= 16 ? "few" : "many");
    return 0;
}
