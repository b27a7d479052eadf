/* The program han-box: picks its role. */
#include "base/config.h"

#include <stdio.h>
#include <string.h>

#include "box/box.h"

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "launch") == 0) return launch(argc - 2, argv + 2);
    if (argc > 2 && strcmp(argv[1], "zygote") == 0) return zygote(argc - 2, argv + 2);
    fprintf(stderr, "usage: han-box launch|zygote ...   (started by han)\n");
    return EXIT_USAGE;
}
