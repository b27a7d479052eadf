/* What a host hands in and gets back as text: a program with its task in JSON and its budget in
 * words, the JSON of what it returned, and commands of the han program. */
#ifndef HAN_SCRIPT_PROGRAM_H
#define HAN_SCRIPT_PROGRAM_H

#include "script/run.h"

/* Opens a run of a host's program. HAN_SYNTAX (program or task), HAN_INVALID (budget), HAN_NOMEM.
 */
int han__program_open(han__host *host, const han_program *program, han__run **out, han_error *err);

/* Pushes "shots=4,evals=1000" as {shots = 4, evals = 1000}; NULL is {}. HAN_INVALID, and something
 * may stand on L. */
int han__budget_push(lua_State *L, const char *text, han_error *err);

/* Appends the JSON of what an ended run returned, "null" for nothing. HAN_INVALID when it has no
 * JSON (text that is not UTF-8), HAN_LIMIT, HAN_NOMEM. */
int han__program_result(const han__run *run, han__buf *json, han_error *err);

/* A command: require("han.cli.main")(argv) in a fiber of the harness state. */
typedef struct han__command {
    han__fiber *fiber; /* NULL before its start and after its end */
    bool ended;
    int exit_code;   /* what it returned; 70 when it failed */
    han_error error; /* of one that failed */
    han__buf *text;  /* what a bench gives; NULL: of a command */
} han__command;

/* Starts it; the command must stay where it is until it has ended or was stopped. HAN_NOMEM. */
int han__command_start(han__host *host, int argc, const char *const *argv, han__command *command,
                       han_error *err);
/* Ends it without a result, if it still runs. */
void han__command_stop(han__command *command);

#endif
