/* A box: bubblewrap with a zygote of ours in it (libexec/han-box), or at the levels landlock and
 * none that zygote alone, prepared once for a profile of limits and used for one run after the
 * other. Here is its start, its end and the talk with it;
 * what a run is and how it is judged is exec/exec.h. */
#ifndef HAN_EXEC_BOX_H
#define HAN_EXEC_BOX_H

#include "base/error.h"
#include "exec/box_wire.h"
#include "exec/cgroup.h"
#include "exec/probe.h"
#include "loop/loop.h"

typedef struct han__box han__box;

/* Bounds that belong to the box: equal profiles share boxes. Bytes and counts. */
typedef struct han__box_profile {
    uint64_t memory; /* of all processes of a run together, its files included */
    uint64_t procs;  /* processes and threads */
    uint64_t disk;   /* of all files of a run together */
    uint64_t files;  /* how many files and folders it may make */
} han__box_profile;

/* What a run hears. All are called from the loop; they may send, kill and close. */
typedef struct han__box_listener {
    void (*on_file)(void *ud, const han__box_file *file, const char *path, size_t len);
    void (*on_data)(void *ud, const uint8_t *bytes, size_t len);
    void (*on_end)(void *ud, const han__box_end *end); /* the box is idle again */
    void (*on_lost)(void *ud, const han_error *err);   /* the box is of no use any more */
    void *ud;
} han__box_listener;

typedef struct han__box_options {
    han__loop *loop;
    han__mem *mem;
    const char *program;       /* path of han-box; copied */
    const han__probes *probes; /* of a machine that offers the level for commands */
    int level;                 /* HAN__LEVEL_... */
    han__box_profile profile;
    bool counted; /* never use a cgroup: memory and processes are counted */
} han__box_options;

/* Starts it; it becomes ready in the background. HAN_ENVIRONMENT, HAN_IO, HAN_NOMEM. */
int han__box_open(han__box **out, const han__box_options *options, han_error *err) HAN__MUST_USE;
/* Ends it with everything in it; nothing is called any more. Without namespaces that is the work of
 * the zygote, which is waited for, at most 3 seconds. NULL is allowed. */
void han__box_close(han__box *box);

/* Sends a request; head->head and in_memfd are filled in here. fds are stdin, stdout and stderr,
 * which stay the caller's. HAN_MISUSE while a run is on, HAN_PEER when the box is lost, HAN_IO,
 * HAN_LIMIT for a body above HAN__BOX_BODY_MAX. */
int han__box_send(han__box *box, const han__box_run *head, const void *body, size_t len,
                  const int fds[3], const han__box_listener *listener,
                  han_error *err) HAN__MUST_USE;
/* Asks the box to end the run that is on; its END follows. */
void han__box_stop(han__box *box);

bool han__box_idle(const han__box *box); /* can take a run */
bool han__box_lost(const han__box *box);
const han__box_profile *han__box_profile_of(const han__box *box);
int han__box_level(const han__box *box);
/* What holds memory and processes: "cgroup1", "cgroup2" or "counting". Static. */
const char *han__box_held(const han__box *box);
/* Counters since the run began; zero without a cgroup. */
void han__box_events(const han__box *box, han__cgroup_events *out);
/* What failed (HAN__BOX_STEP_...) and why (errno or 0), in words. */
void han__box_step_text(uint32_t step, int32_t number, char *out, size_t cap);
/* Process id of bubblewrap outside, or of the zygote. */
int64_t han__box_pid(const han__box *box);

#endif
