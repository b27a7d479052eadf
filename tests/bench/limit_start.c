/* The limit for starting: a program that prints its version and ends. */
#include <stdio.h>

int main(void)
{
    puts("0.1.0");
    return 0;
}
