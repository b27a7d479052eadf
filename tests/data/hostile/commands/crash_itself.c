// expect: crash
#include "hostile.h"
int main(void)
{
    abort();
}
