/* What a child gives up before it touches candidate code: descriptors, resources, and all system
 * calls but those that memory management and ending need. It holds for the C code of the
 * interpreter, should a candidate ever get hold of it; Lua code reaches no system call as it is. */
#ifndef HAN_RUNNER_CONFINE_H
#define HAN_RUNNER_CONFINE_H

#include "base/config.h"

/* For the calling process, for good. wall_ms bounds CPU time (whole seconds above it);
 * address_bytes is the most it may map. False when there is no filter of system calls: whoever
 * promised one must then end. Limits that the system does not have are left out. */
bool han__confine(uint32_t wall_ms, uint64_t address_bytes) HAN__MUST_USE;
/* The same for a runner that holds a program: it keeps `channel`, and may read and write. */
bool han__confine_program(int channel, uint64_t cpu_seconds, uint64_t address_bytes) HAN__MUST_USE;
/* From here on this process and its children can open no file, and reach no socket as far as the
 * kernel's landlock knows them. False when it has none (ABI 4 is the least). */
bool han__confine_landlock(void);
/* Only closes every descriptor but `channel`. */
void han__confine_files(int channel);

#endif
