/* How a box is described to bubblewrap: what it shows, what it keeps, and the program in it. A box
 * has namespaces of its own (user, pid, ipc, mount, net, uts, cgroup), a root that holds nothing
 * but the mounts listed and cannot be written, no network, no capabilities but those listed, a
 * session of its own, and the first process id for its program. It ends with the process that
 * started it. */
#ifndef HAN_EXEC_BOXING_H
#define HAN_EXEC_BOXING_H

#include "base/error.h"
#include "base/mem.h"

/* The whole environment of bubblewrap and so of a box, NULL-ended: bubblewrap's own can be read by
 * what it starts. */
extern const char *const han__boxing_env[];

/* The user and group that a box believes to be; what it is outside is the starter's business. */
#define HAN__BOXING_ID 65534

/* What a mount is. */
enum {
    HAN__MOUNT_READ,    /* host path `from`, read-only */
    HAN__MOUNT_READ_IF, /* the same, passed over when there is none */
    HAN__MOUNT_WRITE,   /* host path `from`, writable */
    HAN__MOUNT_FILE,    /* a copy of the descriptor fd (in bubblewrap), read-only and executable */
    HAN__MOUNT_LINK,    /* a symbolic link to `from` */
    HAN__MOUNT_FOLDER,  /* an empty folder */
    HAN__MOUNT_TMPFS,   /* memory of at most `bytes` bytes (0: the kernel's bound) */
    HAN__MOUNT_PROC,    /* /proc of the box's own processes */
    HAN__MOUNT_DEV      /* a /dev with null, zero, full, random, urandom and tty */
};

typedef struct han__mount {
    int kind;
    const char *to;   /* absolute, in the box */
    const char *from; /* absolute, outside; NULL where the kind needs none */
    uint64_t bytes;
    int fd;
} han__mount;

typedef struct han__boxing {
    const char *bwrap; /* path of bubblewrap */
    const han__mount *mounts;
    size_t mounts_len;
    const char *const *caps;    /* capabilities kept, as in "CAP_SYS_ADMIN", NULL-ended; NULL: none.
                                   Without any, no further user namespace can be made inside */
    const char *folder;         /* where the program starts; NULL: / */
    const char *const *command; /* path in the box and arguments, NULL-ended */
} han__boxing;

#define HAN__ARGS_MAX 256u

/* A list of texts that it owns, NULL-ended. */
typedef struct han__args {
    han__mem *mem;
    size_t len;
    char *items[HAN__ARGS_MAX + 1];
} han__args;

/* Fills *args with the arguments of bubblewrap, its own name first. HAN_NOMEM, HAN_LIMIT; *args is
 * to be released in every case. bubblewrap cannot bound the number of files of a tmpfs: a box that
 * needs that keeps CAP_SYS_ADMIN and mounts its own. */
int han__boxing_args(const han__boxing *boxing, han__mem *mem, han__args *args,
                     han_error *err) HAN__MUST_USE;
/* Fills *args with these, NULL-ended. As above. */
int han__args_take(han__args *args, han__mem *mem, const char *const *texts,
                   han_error *err) HAN__MUST_USE;
void han__args_release(han__args *args);

#endif
