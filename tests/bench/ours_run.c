/* Runs one Lua program through the public API, as a host would, and prints what it returned.
 * Usage: ours_run FILE TASK_JSON */
#include "han.h"

#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = malloc(1u << 20);
    if (!file || !text) {
        perror(path);
        exit(1);
    }
    *len = fread(text, 1, 1u << 20, file);
    fclose(file);
    return text;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: ours_run FILE TASK_JSON\n", stderr);
        return 2;
    }
    han_error err = {0};
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_options options = {.size = sizeof options};
    han_program what = {
        .size = sizeof what, .name = argv[1], .task = argv[2], .max_live = 1u << 21};
    char *text = read_file(argv[1], &what.source_len);
    what.source = text;
    if (han_open(&options, &engine, &err) != HAN_OK ||
        han_start(engine, &what, &run, &err) != HAN_OK) {
        fprintf(stderr, "ours_run: %s\n", err.message);
        return 1;
    }
    while (!han_done(run)) han_wait(engine, 1000);
    han_result result;
    int status = han_get_result(run, &result);
    if (status == HAN_OK) status = result.status;
    if (status == HAN_OK)
        printf("%s\n", result.json);
    else
        fprintf(stderr, "ours_run: %s %s\n", result.error.where, result.error.message);
    han_release(run);
    han_close(engine);
    free(text);
    return status != HAN_OK;
}
