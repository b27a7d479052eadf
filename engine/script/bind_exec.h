/* Module han.exec (harness): commands that cannot be trusted, each in a sandbox of its own.
 *
 *   verdict, message, code = exec.run(request)     waits for its end
 *   session, message, code = exec.start(request)   stdin stays open; does not wait
 *   ok, message, code      = session:write(text)   "IO": nobody reads it any more
 *   line, message, code    = session:line(seconds) waits for the next line of stdout (without its
 *                            end of line): "TIMEOUT", or "PEER" when stdout has ended
 *   session:close_input()
 *   verdict = session:finish()   closes the input and waits for the end
 *   verdict = session:stop()     ends it, and waits for that
 *   session:kill()               asks for its end, and does not wait
 *   session:close()              ends it and forgets it; also by <close> and by the collector
 *   list, left_out = exec.folder(path, bytes_max)  files of a host folder, as for `files`; links
 * and what is no file are left out ok, message, code = exec.save(folder, path, bytes, mode)  one
 * output below a host folder
 *
 * request = { argv = list of texts, files = { [path] = bytes, ... } or list of { path =, bytes =,
 * mode =? }, env = { NAME = text }, folder = below the work folder, input = text (then a session
 * cannot write),
 * collect = list of shell patterns ("*.o", "out/" .. "*"), collect_bytes =, limits = { time =
 * seconds, cpu = seconds, memory = bytes, procs =, output = bytes, disk = bytes, files = } }
 * Defaults: time 10, memory 256 MiB, procs 32, output 1 MiB, disk 64 MiB, files 4096; no cpu limit.
 *
 * verdict = { class = (see exec/exec.h), code = exit code?, signal =?, message =?, stdout =, stderr
 * =, wall = seconds, cpu = seconds, memory = bytes of its largest process, held = "cgroup1" |
 * "cgroup2" | "counting", sandbox = "strong", outputs = { { path =, bytes =, mode = } | { path =,
 * skipped = "kind" | "size" | "unreadable" | "count" }, ... } }. stdout of a session is what no
 * line has taken.
 *
 * nil, message, code: nothing was run. "ENVIRONMENT" names what the machine lacks. Malformed
 * requests throw. */
#ifndef HAN_SCRIPT_BIND_EXEC_H
#define HAN_SCRIPT_BIND_EXEC_H

#include "exec/exec.h"

#include <lua.h>

/* Pushes the module table of han.exec: run, start, folder, save. */
int han__open_exec(lua_State *L);

/* Its functions folder and save. */
int han__exec_folder(lua_State *L);
int han__exec_save(lua_State *L);

/* Fills *request from the table at idx, but for callbacks. What it points to lies in the table, or
 * in blocks that are pushed onto the stack. Raises when the table is malformed. */
void han__exec_request_read(lua_State *L, int idx, han__exec_request *request);

#endif
