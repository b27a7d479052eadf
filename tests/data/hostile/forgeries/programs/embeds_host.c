// tries: to have the assembler read a file of the host
// class: format
__asm__(".incbin \"/etc/passwd\"");
#include <stdio.h>

int main(int argc, char **argv)
{
    int a, b;
    if (scanf("%d %d", &a, &b) != 2) return 3;
    for (int i = 0; i < argc; i++) printf("%d\n", a + b);
    (void)argv;
    return 0;
}
