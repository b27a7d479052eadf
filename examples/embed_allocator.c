/* A host with an allocator of its own: the engine may hold so many bytes and no more. A program
 * that wants more ends as down and says why; the engine and the other programs go on. */
#include <han.h>

#include <stdio.h>
#include <stdlib.h>

#define ALLOWANCE ((size_t)8 << 20)

struct arena {
    size_t live, peak, refused;
};

static void *take(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    struct arena *a = ud;
    if (new_size == 0) {
        a->live -= ptr ? old_size : 0;
        free(ptr);
        return NULL;
    }
    size_t more = new_size - (ptr ? old_size : 0);
    if (new_size > old_size && a->live + more > ALLOWANCE) {
        a->refused++;
        return NULL;
    }
    void *block = realloc(ptr, new_size);
    if (!block) return NULL;
    a->live += more;
    if (a->live > a->peak) a->peak = a->live;
    return block;
}

static int run(han_engine *engine, const char *name, const char *source)
{
    han_run *run = NULL;
    han_error err = {0};
    han_result result;
    han_program program = {.size = sizeof(program), .name = name, .source = source};
    if (han_start(engine, &program, &run, &err) != HAN_OK) {
        printf("%s: %s\n", name, err.message);
        return err.code;
    }
    while (!han_done(run)) han_wait(engine, 1000);
    han_get_result(run, &result);
    printf("%s: %s\n", name, result.status == HAN_OK ? result.json : result.error.message);
    han_release(run);
    return result.status;
}

int main(void)
{
    struct arena arena = {0};
    han_engine *engine = NULL;
    han_error err = {0};
    han_options options = {.size = sizeof(options), .alloc = take, .alloc_ud = &arena};
    if (han_open(&options, &engine, &err) != HAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    int greedy = run(engine, "greedy.lua",
                     "local t = {} for i = 1, 1e7 do t[i] = ('%d'):format(i) end return #t");
    int modest = run(engine, "modest.lua", "return ('a'):rep(10)");
    han_close(engine);
    printf("at most %zu kB held, %s, %zu bytes left\n", arena.peak >> 10,
           arena.refused > 0 ? "more was refused" : "nothing was refused", arena.live);
    return greedy == HAN_NOMEM && modest == HAN_OK && arena.live == 0 ? 0 : 1;
}
