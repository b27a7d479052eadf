/* What service.c, which runs the work of profiles, and bind_work.c, which is what that work sees of
 * its node, share. Only these two files include it. */
#ifndef HAN_SCRIPT_WORK_H
#define HAN_SCRIPT_WORK_H

#include "script/service.h"

/* What harness Lua holds: valid while the node lives. */
typedef struct han__work_handle {
    han__node *node;
    han__run *run;
    han__wait barrier; /* of ctx:barrier() in a call */
} han__work_handle;

typedef struct han__work {
    int args_ref; /* in H: {profile=, task=, steer=, from=} */
    int handle_ref;
    han__work_handle *handle;
    han__fiber *fiber;
    han__wait wait; /* of ctx:pause() */
    int64_t result; /* reference in the run's state */
} han__work;

#endif
