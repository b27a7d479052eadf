/* Helper programs: started with nothing of ours but what is named, watched through a pidfd, killed
 * when this process dies. No SIGCHLD, no signal handler; the host's own children are never waited
 * for. Start from the thread that lives as long as the engine: the kernel ends the child when the
 * thread that started it ends. */
#ifndef HAN_LOOP_PROCESS_H
#define HAN_LOOP_PROCESS_H

#include <sys/types.h>

#include "loop/loop.h"

typedef struct han__process han__process;

/* What the child has as stdout or stderr. */
enum { HAN__STDIO_NULL, HAN__STDIO_INHERIT, HAN__STDIO_CAPTURE };

typedef struct han__process_exit {
    int code;        /* exit code; -1 when it was ended by a signal or is unknown */
    int signal;      /* the signal that ended it, or 0 */
    bool lost;       /* somebody else in this process has waited for it: nothing is known */
    uint64_t cpu_ns; /* user and system time of the child and of those it waited for */
} han__process_exit;

#define HAN__PROCESS_FILES      5u
#define HAN__PROCESS_FILE_FIRST 5 /* the number of files[0] in the child */

/* Called exactly once, unless the process is closed before; it may close the process. Its streams
 * may still hold bytes: read them to their end. */
typedef void (*han__process_exit_fn)(void *ud, const han__process_exit *result);

typedef struct han__process_options {
    const char *path;        /* the program; no search */
    const char *const *argv; /* NULL-ended; argv[0] included */
    const char *const *env;  /* NULL-ended "NAME=value"; all that the child has; NULL: nothing */
    const char *cwd;         /* NULL: as ours */
    int out, err;            /* HAN__STDIO_...; stdin is /dev/null */
    bool channel;            /* a stream socket as descriptor 3 of the child */
    bool packets;            /* with channel: one that keeps the borders of what is sent */
    const int *files;        /* descriptors of ours that the child gets as 5, 6, ... */
    unsigned files_len;      /* at most HAN__PROCESS_FILES */
    unsigned uid; /* not 0: it becomes this user and group, with no other groups; for a */
    unsigned gid; /* parent that is root */
    bool session; /* a session of its own: no terminal reaches it, and its group is
                     killed with it and at the latest when it ends */
    han__process_exit_fn on_exit;
    void *ud;
} han__process_options;

/* Starts it; the strings are used during the call only. Returns after the exec has happened.
 * HAN_ENVIRONMENT when the program cannot be executed (the message names it), HAN_IO when the
 * system gives no process or descriptor, HAN_NOMEM, HAN_INVALID for an empty path or argv or too
 * many files. */
int han__process_start(han__process **out, han__loop *loop, const han__process_options *options,
                       han_error *err) HAN__MUST_USE;

/* Our ends, close-on-exec. Taking one makes the caller its owner; -1 when there is none or it was
 * taken. What is not taken is closed with the process. */
enum { HAN__PROCESS_OUT, HAN__PROCESS_ERR, HAN__PROCESS_CHANNEL, HAN__PROCESS_ENDS };
int han__process_take(han__process *process, int which);

/* Its number; another process may have it once its end was told. */
pid_t han__process_pid(const han__process *process);
bool han__process_running(const han__process *process); /* its end has not been noticed yet */
/* Sends a signal (to the whole group when it has a session). HAN_OK, also when it has ended
 * already; HAN_IO. */
int han__process_kill(han__process *process, int signal);
/* Ends it with SIGKILL if it still runs, and gives it up: no callback follows, the loop waits for
 * its end. NULL is allowed. */
void han__process_close(han__process *process);

#endif
