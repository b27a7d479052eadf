/* What the engine and han-box say to each other: packets on a SOCK_SEQPACKET pair. Both ends come
 * from one build and run on one machine, so packets are the structs below, copied byte by byte. The
 * engine believes no length in them.
 *
 * Engine to box: RUN (descriptors stdin, stdout, stderr, and the body as a memfd when it is not
 * inline), KILL. Box to engine: READY once, then for each run FILE and DATA (collected outputs) and
 * one END; FAILED when the box cannot work.
 *
 * Body of a RUN: NUL-ended texts, `args` + `envs` + 1 (folder to start in, below the work folder;
 * "" for itself) + `patterns`, then `files` times: NUL-ended path, u64 length, u32 mode, bytes. */
#ifndef HAN_EXEC_BOX_WIRE_H
#define HAN_EXEC_BOX_WIRE_H

#include "base/config.h"

enum {
    HAN__BOX_RUN = 1,
    HAN__BOX_KILL,
    HAN__BOX_READY,
    HAN__BOX_FAILED,
    HAN__BOX_FILE,
    HAN__BOX_DATA,
    HAN__BOX_END
};

#define HAN__BOX_CHANNEL    3 /* descriptor of the socket in the box */
#define HAN__BOX_PACKET_MAX 32768u
#define HAN__BOX_FDS        4 /* most descriptors of one packet */
#define HAN__BOX_BODY_MAX   (256u << 20)
#define HAN__BOX_FILES_MAX  10000u /* collected by one run */

/* What a box has, and what the work folder is called in it. Without namespaces both are folders of
 * the machine, and HOME and TMPDIR of a command are changed to that. */
#define HAN__BOX_ROOT "/box"
#define HAN__BOX_WORK "/box/work"

typedef struct han__box_head {
    uint32_t type;
    uint32_t run; /* number of the run */
} han__box_head;

typedef struct han__box_run {
    han__box_head head;
    uint64_t body_len;
    uint64_t wall_ms;
    uint64_t cpu_ms;        /* 0: no limit of its own */
    uint64_t collect_bytes; /* most that is collected in sum */
    uint32_t args, envs, patterns, files;
    uint32_t in_memfd; /* 1: the body is the fourth descriptor; 0: it follows */
    uint32_t pad;
} han__box_run;

/* Why the box itself ended a run: HAN__BOX_WHY_... */
enum {
    HAN__BOX_WHY_NOT,
    HAN__BOX_WHY_ASKED,
    HAN__BOX_WHY_TIME,
    HAN__BOX_WHY_CPU,
    HAN__BOX_WHY_MEMORY,
    HAN__BOX_WHY_PROCS,
    HAN__BOX_WHY_DISK
};

/* Steps that can fail, HAN__BOX_STEP_...: X(name, text). */
#define HAN__BOX_STEP_MAP(X)                                                                       \
    X(NONE, "nothing")                                                                             \
    X(CLONE, "making a process in namespaces of its own")                                          \
    X(DEVICES, "preparing /dev")                                                                   \
    X(PROC, "mounting /proc")                                                                      \
    X(DISK, "making the work folder")                                                              \
    X(CAPS, "dropping capabilities")                                                               \
    X(FILTER, "loading the filter of system calls")                                                \
    X(PROOF, "the canary proof") /* its number: bits HAN__BREACH_... */                            \
    X(REQUEST, "reading the request")                                                              \
    X(UNPACK, "writing the input files")                                                           \
    X(FORK, "starting a process")                                                                  \
    X(FOLDER, "entering the folder")                                                               \
    X(EXEC, "executing the command")                                                               \
    X(COLLECT, "collecting outputs")                                                               \
    X(LOST, "a process of the box was lost")

/* HAN__BOX_STEP_NONE and so on; HAN__BOX_STEPS is their number. */
enum {
#define HAN__BOX_STEP_ENUM(name, text) HAN__BOX_STEP_##name,
    HAN__BOX_STEP_MAP(HAN__BOX_STEP_ENUM)
#undef HAN__BOX_STEP_ENUM
        HAN__BOX_STEPS
};

/* END: all processes of the run but its first have ended and were waited for. */
typedef struct han__box_end {
    han__box_head head;
    uint32_t step;    /* HAN__BOX_STEP_NONE, or what failed */
    int32_t number;   /* errno of that */
    int32_t code;     /* exit code of the command, -1 when it was ended by a signal */
    int32_t signal;   /* that signal, or 0 */
    uint32_t why;     /* HAN__BOX_WHY_... */
    uint32_t full;    /* bit 0: no byte of the disk was left, bit 1: no file */
    uint64_t wall_us; /* from the start of the command to its end */
    uint64_t cpu_us;  /* of all its processes */
    uint64_t rss;     /* bytes of the largest of them, as far as waited for */
    uint64_t faults;  /* page faults that needed no disk */
} han__box_end;

/* Why a file that matches is not collected: HAN__BOX_SKIP_... */
enum {
    HAN__BOX_SKIP_NOT,
    HAN__BOX_SKIP_KIND,  /* not a regular file */
    HAN__BOX_SKIP_SIZE,  /* more than collect_bytes together with those before */
    HAN__BOX_SKIP_READ,  /* cannot be opened or read */
    HAN__BOX_SKIP_COUNT, /* more than HAN__BOX_FILES_MAX; the last one told */
    HAN__BOX_SKIPS
};

/* FILE: then the path, not NUL-ended; then, when it is not skipped, DATA packets (a head and
 * bytes) until `size` bytes have come. */
typedef struct han__box_file {
    han__box_head head;
    uint32_t skip;
    uint32_t mode;
    uint64_t size;
} han__box_file;

/* FAILED and its step. */
typedef struct han__box_failed {
    han__box_head head;
    uint32_t step;
    int32_t number;
} han__box_failed;

#endif
