/* han-box: what stands between the engine and a command that cannot be trusted. One binary in two
 * roles. As the launcher it enters cgroups, gives up root, and becomes bubblewrap or, at the levels
 * without namespaces, the zygote. The zygote is the first process of the box, and keeps runs
 * prepared: each a process with a fresh work folder, at level strong in namespaces of its own with
 * no capabilities and the filter loaded, which waits for its request, and is used once. Without
 * namespaces it stays outside of what the command is put into, and is the parent of all orphans. */
#ifndef HAN_BOX_BOX_H
#define HAN_BOX_BOX_H

#include "exec/box_wire.h"
#include "exec/probe.h"

#include <linux/filter.h>
#include <sys/types.h>

/* Exit codes, after sysexits. */
enum { EXIT_FINE = 0, EXIT_USAGE = 64, EXIT_SOFTWARE = 70, EXIT_ENVIRONMENT = 78 };

/* The byte in the pipe of turns: whoever is first has to prove the box. */
enum { TURN_UNPROVED = 'u', TURN_PROVED = 'p' };

/* How far a run has come, kept where the zygote sees it. */
enum { SLOT_FREE, SLOT_SETUP, SLOT_READY, SLOT_TAKEN, SLOT_ENDED };

typedef struct slot {
    pid_t pid;
    uint32_t run;
    int state;
    int step, number; /* what failed while it was set up */
} slot;

/* Runs that are prepared, on, or ending at once. */
enum { SLOTS = 8 };

/* Longest paths, with the NUL. */
enum { ROOT_MAX = 256, PLACE_MAX = ROOT_MAX + 24 };

/* The box: what all its runs share. */
typedef struct box {
    int level; /* HAN__LEVEL_... */
    int abi;   /* of landlock */
    uint64_t disk, files, procs;
    uint64_t memory;          /* bytes; counted by us when `counted` */
    bool counted;             /* no cgroup holds memory and processes: the run looks itself */
    pid_t engine;             /* outside; with the canary, what the proof tries to reach */
    const char *canary_name;  /* of an abstract socket, without the NUL in front */
    const char *canary_path;  /* of a file */
    int turn[2];              /* a pipe with one byte: who holds it may read the channel */
    int taken;                /* eventfd: the waiting run has got its request */
    int oom;                  /* our own oom_score_adj */
    int signals;              /* signalfd of SIGCHLD */
    struct sock_fprog filter; /* of system calls */
    slot *slots;              /* SLOTS of them, shared memory */
    pid_t zygote;
    const char *folder;    /* without namespaces: where `root` is made if we may */
    char root[ROOT_MAX];   /* the folder of the folders of runs */
    char place[PLACE_MAX]; /* of the run: the folder that its work folder lies in */
} box;

/* launch.c: never returns but for a failure, whose exit code it gives. */
int launch(int argc, char **argv);
/* zygote.c */
int zygote(int argc, char **argv);
/* What holds for every process of every run. */
void limit_all(const box *b);

/* filter.c: compiles the filter. False when the system cannot. */
bool filter_make(struct sock_fprog *out, const box *b);
/* For good, for the calling process and what it starts. False with errno. */
bool filter_load(const struct sock_fprog *filter);
/* signals.c: a filter beside that one, without a namespace of processes: no signal to the run's
 * first process (the caller's parent), the zygote, the engine or everybody; where landlock keeps
 * none (`all`), none but to the caller, which becomes the command, and the own group. */
bool filter_signals(const box *b, bool all);
/* landlock.c: nothing of the machine but programs to execute and `place`. False with errno. */
bool landlock_load(const box *b);

/* setup.c: once, in the zygote: /dev without what could be written. False with errno. */
bool setup_devices(void);
/* In a new run: its own /proc and work folder, no capabilities, the filter. False with errno and
 * what failed. */
bool setup_run(box *b, int *step);
/* No capability from here on. False with errno. */
bool drop_caps(void);

/* plain.c: levels without namespaces. The zygote's part: a folder for those of the runs. */
bool plain_open(box *b);
/* Ends all that is beneath the zygote, for at most two seconds, and takes the folder away. */
void plain_close(const box *b);
/* In a new run: its folder. False with errno. */
bool plain_setup(box *b);
/* Puts the calling process, which is to become the command, behind what the level has. May be
 * called between vfork and exec. */
bool plain_confine(const box *b);
/* prove(), from there. */
uint32_t plain_prove(const box *b);
/* How much lies in the folder of a run, and what its processes hold that has no name any more. */
typedef struct stored {
    uint64_t bytes, files;
    bool deep; /* too deep to be followed */
} stored;
void plain_measure(const box *b, stored *out);

/* folder.c: how a folder is opened: never through a link, which it may have become meanwhile. */
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
/* Where folders of boxes are when they cannot be where they should. */
#define FOLDER_ELSE "/tmp"
/* Opens a folder, also one that its owner cannot read: nothing hides in it. -1 with errno. */
int folder_open(int in, const char *name);
/* Removes a folder with all that is in it, and nothing else whatever is done to it meanwhile. */
void folder_remove(const char *path);
/* Makes b->root in b->folder, else in FOLDER_ELSE, and locks it. False with errno. */
bool folder_make(box *b);
/* Removes the folders of boxes in `folder` and FOLDER_ELSE that nobody lives in any more, ours or,
 * as root, of any other user. */
void folder_sweep(const char *folder);

/* tree.c: processes beneath `root` but for `not` (`n` of them) and what is beneath these; how many,
 * at most `cap`. */
size_t tree_list(pid_t root, const pid_t * not, size_t n, pid_t *out, size_t cap);
/* SIGKILL to all of them; how many there were, waited for or not. */
size_t tree_kill(pid_t root, const pid_t * not, size_t n);
/* In the text of /proc/PID/stat: a field from the third on, by its number in proc(5), or NULL; and
 * its number, or 0. */
const char *tree_field(const char *text, int field);
uint64_t tree_number(const char *text, int field);
/* Threads of all processes of our user, as far as they can be told. */
uint64_t tree_user_threads(void);
enum { TREE_MAX = 32768 };

/* prove.c: bits HAN__BREACH_... of what went well of all that must not; 0 proves the box. */
uint32_t prove(const box *b);

/* run.c: the life of a run's first process from the end of its setup on. */
_Noreturn void run_main(box *b, slot *own);

/* A request as it has come. */
typedef struct request {
    han__box_run head;
    const uint8_t *body; /* head.body_len bytes; texts lie in it */
    const uint8_t *at;   /* where the files begin */
    char **argv, **env, **patterns;
    const char *folder;
    int fds[HAN__BOX_FDS]; /* stdin, stdout, stderr; -1 where none came */
} request;

/* request.c: fills *r from a packet with its descriptors; false when it makes no sense (or is no
 * RUN). The memory is never given back: the process serves one request. */
bool request_read(request *r, const uint8_t *packet, size_t len, const int *fds, size_t n);
/* Writes the input files below the folder `work`. False with errno. */
bool request_unpack(const request *r, int work);

/* collect.c: sends what matches the patterns; false when the channel broke. */
bool collect(const request *r, int work);
/* Sends one packet; false when the engine is gone. */
bool packet_send(const void *bytes, size_t len);

/* count.c: what the processes of a run use, its first left out. */
typedef struct usage {
    uint64_t procs, cpu_ms, memory;
} usage;
/* memory only when asked for: it is the dear one. */
void count_usage(const box *b, usage *out, bool memory);

#endif
