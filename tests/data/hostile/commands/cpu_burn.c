// expect: limit:cpu
// limits: cpu=0.1
#include "hostile.h"
int main(void)
{
    for (volatile unsigned i = 0;; i++) continue;
}
