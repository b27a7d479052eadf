/* The limit for hot reload: luaL_loadbuffer of one file, nothing else.
 * Usage: limit_reload FILE ROUNDS; prints the fastest and the middle round in microseconds. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(1u << 20);
    if (!file || !text) {
        perror(path);
        exit(1);
    }
    *size = fread(text, 1, 1u << 20, file);
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (rounds < 1 || rounds > 1000000) {
        fputs("usage: limit_reload FILE ROUNDS\n", stderr);
        return 2;
    }
    size_t size;
    char *text = read_file(argv[1], &size);
    double *took = calloc((size_t)rounds, sizeof *took);
    lua_State *L = luaL_newstate();
    if (!took || !L) return 1;
    for (long i = 0; i < rounds; i++) {
        double from = cpu_us();
        int status = luaL_loadbuffer(L, text, size, "@file.lua");
        took[i] = cpu_us() - from;
        if (status != LUA_OK) {
            fprintf(stderr, "limit_reload: %s\n", lua_tostring(L, -1));
            return 1;
        }
        lua_settop(L, 0);
    }
    qsort(took, (size_t)rounds, sizeof *took, ascending);
    printf("fastest_us=%.1f median_us=%.1f\n", took[0], took[rounds / 2]);
    lua_close(L);
    free(took);
    free(text);
    return 0;
}
