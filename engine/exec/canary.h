/* Proof that a box holds: a file, a listening socket and a process of the host, which a runner is
 * asked to reach before it evaluates anything. It tries from inside its box, without and with the
 * filter of system calls, and tells which attempts went well: none may. */
#ifndef HAN_EXEC_CANARY_H
#define HAN_EXEC_CANARY_H

#include "base/buf.h"
#include "base/error.h"
#include "loop/process.h"
#include "loop/stream.h"

/* Breaches, bits of the answer: X(name, bit, what an attempt that went well means). */
#define HAN__BREACH_MAP(X)                                                                         \
    X(FILE, 1, "host files can be read")                                                           \
    X(SOCKET, 2, "sockets of the host can be reached")                                             \
    X(SIGNAL, 4, "processes of the host can be signalled")                                         \
    X(PLAIN_FILE, 8, "the filter lets files be opened")                                            \
    X(PLAIN_SOCKET, 16, "the filter lets sockets be made")                                         \
    X(PLAIN_SIGNAL, 32, "the filter lets signals be sent")                                         \
    X(UNTRIED, 64, "an attempt could not be made")                                                 \
    X(NAMESPACE, 128, "the filter lets namespaces be made")                                        \
    X(ROOT, 256, "the root of the box can be written")                                             \
    X(RIGHTS, 512, "rights are left")

/* HAN__BREACH_FILE and so on. */
enum {
#define HAN__BREACH_ENUM(name, bit, text) HAN__BREACH_##name = (bit),
    HAN__BREACH_MAP(HAN__BREACH_ENUM)
#undef HAN__BREACH_ENUM
};

typedef struct han__canary {
    char path[64]; /* of a file that anybody may read; "" while closed */
    char name[32]; /* of an abstract socket that anybody may connect to */
    int listener;
} han__canary;

/* Makes file and socket. HAN_IO. */
int han__canary_open(han__canary *canary, han_error *err) HAN__MUST_USE;
/* Takes both away; closed and zeroed canaries are allowed. */
void han__canary_close(han__canary *canary);
/* Appends the payload of HAN__EVAL_PROVE (eval_wire.h); pid is the process to be signalled. */
int han__canary_payload(const han__canary *canary, uint32_t pid, han__buf *out) HAN__MUST_USE;
/* Opens a canary and asks a new runner, over its channel, to reach it and the process. HAN_NOMEM;
   HAN_IO where the canary could not be made. A runner that has ended already is told by its reader.
 */
int han__canary_ask(han__canary *canary, const han__process *runner, han__stream *channel,
                    han__mem *mem, han_error *err) HAN__MUST_USE;
/* HAN_ENVIRONMENT naming the first breach, of which there is one. */
int han__canary_name(uint32_t breaches, int level, han_error *err);
/* HAN_OK when no breach matters at this level, else HAN_ENVIRONMENT naming the first. */
int han__canary_judge(uint32_t breaches, int level, han_error *err);

#endif
