/* The smallest host: run one program, print what it returned. */
#include <han.h>

#include <stdio.h>

static const char program[] = "local task, scope = ...\n"
                              "for i = 1, task.n do\n"
                              "  scope:spawn(function(t) return t.i * t.i end, { i = i })\n"
                              "end\n"
                              "local sum = 0\n"
                              "for settled in scope:each() do sum = sum + settled.out end\n"
                              "return { sum = sum }\n";

int main(void)
{
    han_engine *engine = NULL;
    han_run *run = NULL;
    han_error err = {0};
    han_result result;
    han_options options = {.size = sizeof(options)};
    han_program squares = {
        .size = sizeof(squares), .name = "squares.lua", .source = program, .task = "{\"n\": 10}"};

    if (han_open(&options, &engine, &err) != HAN_OK ||
        han_start(engine, &squares, &run, &err) != HAN_OK) {
        fprintf(stderr, "%s\n", err.message);
        han_close(engine);
        return 1;
    }
    while (!han_done(run)) han_wait(engine, 1000);
    han_get_result(run, &result);
    printf("%s\n", result.status == HAN_OK ? result.json : result.error.message);
    int failed = result.status != HAN_OK;
    han_close(engine); /* releases the run too */
    return failed;
}
