// expect: limit:disk
#include "hostile.h"
int main(void)
{
    while (mkdir("d", 0700) == 0 && chdir("d") == 0) continue;
    return 0;
}
