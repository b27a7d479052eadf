/* The Lua half of the engine as bytes in the program: engine/lua and engine/cli, written into one
 * generated C file by tools/embed.lua and packed by tools/embed_pack.c (see cmake/embed.cmake).
 * Sorted by module name. */
#ifndef HAN_SCRIPT_EMBEDDED_H
#define HAN_SCRIPT_EMBEDDED_H

#include "base/config.h"

/* One Lua source file. All pointers are static; nothing is freed. */
typedef struct han__embedded {
    const char *module;         /* what require() asks for: "han.worker", "han.cli.bench" */
    const char *chunk;          /* name for messages, without '@': "han/worker.lua" */
    const unsigned char *bytes; /* the source text, or a zstd frame of it */
    size_t packed; /* bytes of the frame; 0: bytes are the text, and bytes[size] is 0 */
    size_t size;   /* of the text */
} han__embedded;

/* The table, sorted by strcmp of module, so that a binary search finds a name. */
extern const han__embedded han__embedded_lua[];
/* Entries in it; one all-zero entry follows the last. */
extern const size_t han__embedded_lua_count;

#endif
