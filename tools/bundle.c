/* Writes the files of a folder into one: for each its path, a newline, its size, a newline, its
 * bytes; all of it one zstd frame. han.script_folder reads it in the folder's place. Usage: bundle
 * OUT ROOT FILE... (below ROOT) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define MOST  (16u << 20)
#define LEVEL 19

static char *bytes;
static size_t len;

static int add(const char *root, const char *path)
{
    size_t skip = strlen(root) + 1, head;
    FILE *in = fopen(path, "rb");
    long size = in && fseek(in, 0, SEEK_END) == 0 ? ftell(in) : -1;
    int bad = strncmp(path, root, skip - 1) != 0 || size < 0 || len + (size_t)size + 4096 > MOST;
    if (!bad) {
        head = (size_t)snprintf(bytes + len, 4096, "%s\n%ld\n", path + skip, size);
        rewind(in);
        bad = head >= 4096 || fread(bytes + len + head, 1, (size_t)size, in) != (size_t)size;
        len += head + (size_t)size;
    }
    if (in) fclose(in);
    if (bad)
        fprintf(stderr, "bundle: cannot read %s, or it is not below %s, or all is over 16 MiB\n",
                path, root);
    return bad;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: bundle OUT ROOT FILE...\n");
        return 2;
    }
    size_t room = ZSTD_compressBound(MOST);
    bytes = malloc(MOST);
    char *packed = malloc(room);
    if (!bytes || !packed) return 1;
    for (int i = 3; i < argc; i++)
        if (add(argv[2], argv[i])) return 1;
    size_t n = ZSTD_compress(packed, room, bytes, len, LEVEL);
    FILE *out = fopen(argv[1], "wb");
    if (ZSTD_isError(n) || !out || fwrite(packed, 1, n, out) != n || fclose(out)) {
        fprintf(stderr, "bundle: cannot write %s\n", argv[1]);
        return 1;
    }
    return 0;
}
