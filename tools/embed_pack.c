/* Writes the table of script/embedded.h again with each text as a zstd frame: a third of the bytes
 * in the library. Linked with the table that tools/embed.lua wrote. Usage: embed_pack OUT.c */
#include "script/embedded.h"

#include <stdio.h>
#include <stdlib.h>
#include <zstd.h>

#define LEVEL 19

static int write_entry(FILE *out, const han__embedded *e)
{
    size_t room = ZSTD_compressBound(e->size);
    unsigned char *frame = malloc(room);
    if (!frame) return -1;
    size_t n = ZSTD_compress(frame, room, e->bytes, e->size, LEVEL);
    int bad = ZSTD_isError(n) != 0;
    fprintf(out, "    {\"%s\", \"%s\", (const unsigned char[]){", e->module, e->chunk);
    for (size_t i = 0; !bad && i < n; i++)
        fprintf(out, "%s%u,", i % 24 ? "" : "\n        ", frame[i]);
    fprintf(out, "},\n     %zu, %zu},\n", n, e->size);
    free(frame);
    return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
    FILE *out = argc == 2 ? fopen(argv[1], "wb") : NULL;
    if (!out) {
        fprintf(stderr, "usage: embed_pack OUT.c, a file that can be written\n");
        return 2;
    }
    fprintf(
        out,
        "/* Written by tools/embed_pack.c; do not edit. */\n#include \"script/embedded.h\"\n\n");
    fprintf(out, "const han__embedded han__embedded_lua[] = {\n");
    for (size_t i = 0; i < han__embedded_lua_count; i++)
        if (write_entry(out, &han__embedded_lua[i])) return 1;
    fprintf(out, "    {NULL, NULL, NULL, 0, 0},\n};\n");
    fprintf(out, "const size_t han__embedded_lua_count = %zu;\n", han__embedded_lua_count);
    if (ferror(out) || fclose(out)) {
        fprintf(stderr, "embed_pack: cannot write %s\n", argv[1]);
        return 1;
    }
    return 0;
}
