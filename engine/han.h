/* han: the public C API.
 *
 * An engine owns an event loop, runs recursive agents written in Lua under a conserved budget and
 * records what they did. One engine belongs to one thread; two engines in one process do not share
 * anything. Only han_cancel() and han_wakeup() may be called from another thread; any other call
 * from one, or from a function that the engine called where that is not allowed, is HAN_MISUSE (in
 * a function without a status: does nothing but log an error).
 *
 * Every fallible call returns a status: HAN_OK (0) or a negative code from HAN_STATUS_MAP, and
 * fills the caller's han_error (may be NULL) on failure only. Out-pointers are written on success
 * only. */
#ifndef HAN_H
#define HAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HAN_VERSION_MAJOR  0
#define HAN_VERSION_MINOR  1
#define HAN_VERSION_PATCH  0
#define HAN_VERSION_STRING "0.1.0"

#if defined(__GNUC__)
#define HAN_API __attribute__((visibility("default")))
#else
#define HAN_API
#endif

/* Status codes: X(name, value, text). A comment gives when it happens and what state is left. */
#define HAN_STATUS_MAP(X)                                                                          \
    /* the allocator refused; the call changed nothing */                                          \
    X(NOMEM, -1, "out of memory")                                                                  \
    /* an argument is out of its domain; nothing changed */                                        \
    X(INVALID, -2, "invalid argument")                                                             \
    /* called in a wrong state, from a callback or a wrong thread; nothing changed */              \
    X(MISUSE, -3, "the API was used in a way it does not allow")                                   \
    /* an operating system call failed; the message names it */                                    \
    X(IO, -4, "input or output failed")                                                            \
    /* a file, agent, adapter, option or id that does not exist */                                 \
    X(UNKNOWN, -5, "unknown name")                                                                 \
    /* a program does not parse, or a document is malformed */                                     \
    X(SYNTAX, -6, "syntax error")                                                                  \
    /* a script raised an error; the run is settled as down */                                     \
    X(SCRIPT, -7, "a script failed")                                                               \
    /* a size, count, depth or time limit was hit; the thing that hit it is ended */               \
    X(LIMIT, -8, "a limit was hit")                                                                \
    /* cancelled by its owner; settled as down */                                                  \
    X(CANCELLED, -9, "cancelled")                                                                  \
    /* time is up; the thing waited for goes on */                                                 \
    X(TIMEOUT, -10, "time is up")                                                                  \
    /* stored data is damaged or from a newer schema; the file is left as it was */                \
    X(CORRUPT, -11, "stored data is damaged")                                                      \
    /* the machine lacks something that was asked for; nothing was started */                      \
    X(ENVIRONMENT, -12, "the environment lacks something")                                         \
    /* a peer process (job, runner) died or spoke nonsense; its work is settled as infra */        \
    X(PEER, -13, "a helper process failed")                                                        \
    /* a fault of the engine itself; the run is settled as down */                                 \
    X(INTERNAL, -14, "internal error")                                                             \
    /* refusals of scope verbs: the tree is unchanged, the refusal is recorded */                  \
    X(BUDGET_EXHAUSTED, -20, "the budget does not cover this")                                     \
    X(USD_UNBUDGETED, -21, "dollars were asked for where none were declared")                      \
    X(DEPTH_EXCEEDED, -22, "the tree is too deep")                                                 \
    X(DUPLICATE_KEY, -23, "a live child has this key")                                             \
    X(KEY_CONFLICT, -24, "this key was used for other work")                                       \
    X(IN_DOUBT, -25, "it is not known whether this work was done")                                 \
    X(SCOPE_CLOSED, -26, "the scope has ended")                                                    \
    X(MAX_LIVE, -27, "too many live nodes")                                                        \
    X(UNKNOWN_AGENT, -28, "no such agent")                                                         \
    X(SETTLED, -29, "the node has settled")                                                        \
    X(NO_INBOX, -30, "the node takes no messages")                                                 \
    X(NONDETERMINISM, -31, "the program did something else than its journal says")                 \
    X(FIREWALL, -32, "a judge or holdout value tried to enter a run")

enum han_status {
    HAN_OK = 0,
#define HAN__STATUS_ENUM(name, value, text) HAN_##name = (value),
    HAN_STATUS_MAP(HAN__STATUS_ENUM)
#undef HAN__STATUS_ENUM
};

/* What went wrong: filled once, by the first failure; never allocated, owned by the caller. */
typedef struct han_error {
    int code;          /* a han_status; 0 while empty */
    char message[400]; /* what happened and what to do next, UTF-8, one line */
    char where[112];   /* "file:line" of the user's script when it is theirs, or "" */
} han_error;

/* The one allocator function of an engine. new_size 0 frees (ptr may be NULL) and returns NULL;
 * ptr NULL allocates; otherwise resizes, and on failure returns NULL and leaves ptr as it was.
 * Shrinking must not fail. */
typedef void *(*han_alloc_fn)(void *ud, void *ptr, size_t old_size, size_t new_size);

typedef struct han_engine han_engine;
typedef struct han_run han_run;

/* Log levels given to a host's log function. */
enum han_log_level { HAN_LOG_ERROR, HAN_LOG_WARN, HAN_LOG_INFO, HAN_LOG_DEBUG };

/* One thing that happened in a run, told as it happens and in the order of the run. Texts are valid
 * during the call. */
typedef struct han_event {
    const char *kind;  /* "spawned", "refused", "metered", "finished", "delivered", "ended", ... */
    const char *node;  /* "root/1/3": whom it is about */
    const char *label; /* of the node; NULL: none */
    const char *text;  /* message of a refusal, reason of a down, decision point; NULL: none */
    int status;        /* of a refusal or a down; else 0 */
} han_event;

/* How an engine is opened. Set `size` to sizeof(han_options); zero means the default everywhere.
 * Strings are copied. */
typedef struct han_options {
    size_t size;
    han_alloc_fn alloc; /* NULL: the C library's */
    void *alloc_ud;
    /* Messages of the engine and print() of scripts, one line each; NULL: none are shown. */
    void (*log)(void *ud, int level, const char *text);
    void *log_ud;
    int log_level;       /* messages above it are dropped; 0: errors only */
    const char *scripts; /* folders with strategies/, adapters/, checks/, separated by ':' */
    const char *libexec; /* folder of han-job and han-runner; NULL: candidate code cannot be run */
    const char *data;    /* folder that adapters may read; NULL: none */
    /* What happens in the runs that han_start started; NULL: nothing is told. It may call what the
     * functions of an environment may. */
    void (*event)(void *ud, han_run *run, const han_event *event);
    void *event_ud;
    /* The key that a configuration calls `name` ("env:ANTHROPIC_API_KEY" calls ANTHROPIC_API_KEY):
     * writes at most size bytes to out and returns how many; 0: none, then the environment is
     * asked. NULL: the environment. Commands ask it, runs never see a key; out is overwritten. */
    size_t (*secret)(void *ud, const char *name, char *out, size_t size);
    void *secret_ud;
} han_options;

/* HAN_OK; HAN_INVALID, HAN_NOMEM, HAN_IO, HAN_ENVIRONMENT. The calling thread owns the engine. */
HAN_API int han_open(const han_options *options, han_engine **out, han_error *err);
/* Cancels what runs, closes all runs and frees the engine. NULL is allowed. Not from a callback. */
HAN_API void han_close(han_engine *engine);

/* ---- environments: what a host lends to a run ---- */

/* The number of one call of a run to its host; never used again in an engine. */
typedef uint64_t han_call;

/* Functions of the host that a run may call. Each is called from han_step or han_wait, on the
 * engine's thread, and the call is open until the host answers it, inside the function or at any
 * time later, with han_answer or han_refuse; meanwhile the agent that asked waits and the others go
 * on. JSON texts are valid during the function only. Set `size` to sizeof(han_environment); a NULL
 * function is not offered. The functions may use han_answer, han_refuse, han_charge, han_cancel and
 * han_wakeup of this engine and nothing else of it. */
typedef struct han_environment {
    size_t size;
    void *ud;
    const char *const *tools;    /* names, the last one NULL: what scope:tool(name, args) takes */
    const char *const *backends; /* names, the last one NULL: scope:spawn({backend = name}, task) */
    /* The answer is what scope:tool returns. Refused: nil, message, CODE. */
    void (*tool)(void *ud, han_call call, const char *name, const char *args);
    /* A worker of the host's own: json is {"profile":, "task":, "steer":, "from":}, the answer its
     * artifact, which `check` then sees. Refused: the child settles as down. */
    void (*work)(void *ud, han_call call, const char *backend, const char *json);
    /* The verdict on an artifact (JSON of any plain value), of a worker or of scope:submit. The
     * answer is an object with "pass" and "correct" (0 to 1). NULL: workers have no verdict, and
     * scope:submit gives nil. */
    void (*check)(void *ud, han_call call, const char *artifact);
    /* What scope:observe gives about a child that was delivered: a list of objects with "text". */
    void (*observe)(void *ud, han_call call, const char *settled);
    /* May the run do this outside of the engine? The effect is "exec", json what scope:exec was
     * asked for; or "model", json {"model":, "url":, "task":}, once for each shot. The answer true
     * allows it; any other one, or a refusal, does not. NULL: nothing is. */
    void (*grant)(void *ud, han_call call, const char *effect, const char *json);
    /* The run no longer needs an answer (it was cancelled, or ended): the call is not open. */
    void (*cancelled)(void *ud, han_call call);
    /* What workers of the backends "model" and "model_tools" ask, when grant allows it:
     * "anthropic:NAME", "openai:NAME", "http://127.0.0.1:8080/v1#NAME". NULL: there are none. */
    const char *model;
    const char *key;   /* where its key lies: "env:NAME" (han_options.secret is asked first),
                        * "file:PATH", "command:TEXT"; NULL: where the maker's does, else none */
    const char *price; /* dollars for a million tokens in and out, "3,15"; NULL: not known, and a
                        * run with a budget of nano_usd asks nothing */
} han_environment;

/* Answers an open call with a JSON text; NULL: nothing. HAN_SETTLED when it is not open any more;
 * HAN_SYNTAX, HAN_INVALID, HAN_LIMIT or HAN_NOMEM for a text that is no plain value: then it stays
 * open. */
HAN_API int han_answer(han_engine *engine, han_call call, const char *json, han_error *err);
/* Ends an open call without an answer; status is a negative one. HAN_SETTLED, HAN_INVALID. */
HAN_API int han_refuse(han_engine *engine, han_call call, int status, const char *message);
/* Charges an open call to the budget of the node that made it: "evals=1,tokens=30". HAN_SETTLED,
 * HAN_INVALID, or HAN_BUDGET_EXHAUSTED, after which nothing is charged. */
HAN_API int han_charge(han_engine *engine, han_call call, const char *spend, han_error *err);

/* What is to be run, and with what. Set `size` to sizeof(han_program). */
typedef struct han_program {
    size_t size;
    const char *name;   /* shown in messages: "mine.lua" */
    const char *source; /* text of a Lua program: the body of a root agent, or a strategy */
    size_t source_len;  /* bytes; 0: up to the NUL */
    const char *task;   /* JSON; NULL: {} */
    const char *budget; /* "shots=4,evals=1000"; NULL: nothing declared, nothing capped */
    uint64_t seed;      /* of its random numbers */
    double wall;        /* bound on its time in seconds; 0: none */
    uint32_t max_depth; /* 0: 32 */
    uint32_t max_live;  /* 0: 131,072 */
    uint64_t max_steps; /* VM instructions between two verbs; 0: 200 million */
    size_t max_bytes;   /* Lua memory; 0: 512 MiB */
    const han_environment *environment; /* copied, names too; its ud is the host's. NULL: none */
} han_program;

/* Starts a run; it makes progress in han_step. HAN_SYNTAX with file:line, HAN_INVALID, HAN_NOMEM.
 */
HAN_API int han_start(han_engine *engine, const han_program *program, han_run **out,
                      han_error *err);
/* Starts a command of the han program (argv without the program's name) in the trusted state; its
 * result has exit_code. One command or bench at a time: HAN_MISUSE. */
HAN_API int han_command(han_engine *engine, int argc, const char *const *argv, han_run **out,
                        han_error *err);

/* A family of a host's own, for a bench: its tasks, who attempts them, the world in which each cell
 * (one task with one strategy) is run, and who judges. Set `size` to sizeof(han_family). */
typedef struct han_family {
    size_t size;
    const char *name;   /* of the family */
    const char *tasks;  /* JSON: a list of {"id":, "group":, "public": {}}; a program sees `public`,
                         * whose "artifact" is what workers start from; without "group" a task is
                         * its own */
    const char *worker; /* JSON: the profile that strategies get as task.worker, as in
                         * {"backend":"mine","limits":{"shots":1}} */
    const char *arms;   /* strategies: "sample,refine", names of the script folders or files; or a
                         * JSON list of these and of {"name":, "source":} */
    const char *budget; /* of one cell, as in han_program */
    uint64_t seed;
    double wall;   /* bound on the time of one cell in seconds; 0: none */
    uint32_t side; /* cells at work side by side; 0: 1 */
    void *ud;
    /* Makes the world of a cell: what it returns is the ud of the environment's functions for this
     * cell. json: the task, and "arm" and "cell". NULL is a failure, which ends the bench as down
     * (HAN_PEER). Without it the world is the environment's ud. */
    void *(*enter)(void *ud, const char *json);
    /* The cell is over: its world is asked nothing more. NULL: nothing is to be done. */
    void (*leave)(void *world);
    /* Scores the one artifact that a cell has chosen, after its run; the answer is as `check`'s,
     * which judges, too, when this is NULL. Nobody pays for it, nor for `check` here. */
    void (*judge)(void *world, han_call call, const char *artifact);
    const han_environment *environment; /* with `check`; copied */
} han_family;

/* Starts a bench: every strategy and the control on every task, at the same budget, in this
 * process. Its result is the report as JSON, the object that `han bench --json` prints, with
 * "cells": how each of them ended. Nothing is stored. It counts as a command. HAN_SYNTAX,
 * HAN_INVALID, HAN_UNKNOWN (a strategy), HAN_MISUSE, HAN_NOMEM. */
HAN_API int han_bench(han_engine *engine, const han_family *family, han_run **out, han_error *err);

/* Works for about max_us microseconds without waiting. 1: more is ready now; 0: everything waits;
 * HAN_MISUSE from inside a callback. */
HAN_API int han_step(han_engine *engine, uint64_t max_us);
/* Steps, and waits when there is nothing to do and no run has ended by it, for at most timeout_ms.
 * Returns as han_step. */
HAN_API int han_wait(han_engine *engine, uint32_t timeout_ms);
/* For a host's own loop: when this descriptor is readable, or after han_timeout milliseconds (-1:
 * no limit), call han_step. */
HAN_API int han_fd(const han_engine *engine);
HAN_API int han_timeout(const han_engine *engine);
/* Makes a waiting engine return. Any thread. */
HAN_API void han_wakeup(han_engine *engine);

/* How a run ended. */
typedef struct han_result {
    int status;       /* HAN_OK: done; else why it is down */
    int exit_code;    /* of a command, else 0 */
    const char *json; /* what it returned, "null" when nothing; the run's, until han_release */
    han_error error;  /* of a down: message and file:line */
    int64_t tokens, nano_usd, shots, turns, evals; /* spend */
    int over;                                      /* 1: more was spent than the budget allowed */
} han_result;

/* What a run has used so far. */
typedef struct han_usage {
    int64_t tokens, nano_usd, shots, turns, evals; /* of agents that live: when they have ended */
    uint32_t live;                                 /* agents that live, the root included */
} han_usage;

/* Fills *usage at any time of a run's life; HAN_MISUSE after han_release. Commands use nothing. */
HAN_API int han_get_usage(const han_run *run, han_usage *usage);
/* 1 when it has ended. */
HAN_API int han_done(const han_run *run);
/* Fills *result of an ended run; HAN_MISUSE before its end; HAN_NOMEM. */
HAN_API int han_get_result(han_run *run, han_result *result);
/* Asks the run to stop: it ends as down (HAN_CANCELLED) in a later step. Any thread. */
HAN_API void han_cancel(han_run *run);
/* Frees the run, ending it first if it still lives. NULL is allowed. Not from a callback. For the
 * last 256 that were released, a later use is HAN_MISUSE and does nothing. */
HAN_API void han_release(han_run *run);

/* The whole of libexec/han-job, the program that an engine starts for the cells of a bench: a host
 * that brings programs of its own may call it from the main of one that has this name. Ends when
 * the engine that started it is gone; returns the exit status. Sets the process's handling of
 * SIGINT and SIGPIPE. */
HAN_API int han_job_main(int argc, const char *const *argv);

/* "BUDGET_EXHAUSTED" for HAN_BUDGET_EXHAUSTED; "OK" for 0; "UNKNOWN_STATUS" for others. Static. */
HAN_API const char *han_status_name(int status);
/* One sentence in English for a status. Static. */
HAN_API const char *han_status_text(int status);
/* HAN_VERSION_STRING of the library that is linked. Static. */
HAN_API const char *han_version(void);

#ifdef __cplusplus
}
#endif

#endif
