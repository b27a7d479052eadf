/* A bench of a host's own family: what the host brings along, and the fiber of the harness state
 * that runs its cells. */
#ifndef HAN_SCRIPT_FAMILY_H
#define HAN_SCRIPT_FAMILY_H

#include "script/program.h"

typedef struct han__family {
    han__host *host;
    han_family given;            /* its texts are not kept */
    han_environment environment; /* the same */
} han__family;

/* Fills *family and starts the bench, a command whose report is added to command->text; both must
 * stay where they are until it has ended or was stopped. HAN_SYNTAX, HAN_INVALID, HAN_UNKNOWN,
 * HAN_NOMEM. */
int han__bench_start(han__host *host, const han_family *given, han__family *family,
                     han__command *command, han_error *err);

#endif
