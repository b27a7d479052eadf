/* The inside of an engine: what engine.c wires and api.c hands out. */
#ifndef HAN_ENGINE_H
#define HAN_ENGINE_H

#include "script/family.h"

#include <pthread.h>

#define HAN__SCRIPT_FOLDERS 7
#define HAN__RELEASED_KEPT  256 /* released runs that are still known as such */

struct han_engine {
    han__mem mem;
    han__clock clock;
    han__log log;
    han__host host;
    char *folders[HAN__SCRIPT_FOLDERS + 1];
    char *libexec, *data;
    volatile int interrupted;
    bool stepping;
    pthread_t owner; /* the thread that opened it */
    void (*event)(void *ud, han_run *run, const han_event *event);
    void *event_ud;
    struct han_run *runs;
    struct han_run *released[HAN__RELEASED_KEPT]; /* a ring: use after release is found out */
    size_t releases;
};

/* A public run: a run of the script room, a command or a bench (a fiber of the harness state). */
struct han_run {
    han_engine *engine;
    struct han_run *next;
    han__run *run;
    han__command command; /* of a command or a bench */
    han__family family;   /* of a bench */
    han__hook hook;       /* tells the host's event function */
    volatile int cancel;
    bool is_command; /* or a bench */
    bool released;
    han_error error;
    han__buf json;
};

/* See han_open and han_close. */
int han__engine_open(const han_options *options, han_engine **out, han_error *err);
void han__engine_close(han_engine *engine);
/* Acts on what was asked from other threads. */
void han__engine_attend(han_engine *engine);

#endif
