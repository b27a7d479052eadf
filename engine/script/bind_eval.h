/* Module han.eval: candidate Lua code, evaluated in a process of its own.
 *
 *   result, message, code = eval.lua(request)      waits; nil, message, "PEER" when the runner
 * failed, "ENVIRONMENT" when there is no sandbox of the level
 *   level, message, code = eval.sandbox(level?)    that of runners to come, "strong" unless set;
 * nil, message, "ENVIRONMENT" when this machine lacks something for it
 *   eval.machine()                                 { level = the strongest that is available,
 * probes = { { name =, ok =, text =, fix =? }, ... } }
 *
 * request = { code = text of a chunk that gives a table of functions, name = chunk name in
 * messages, calls = { { fn =, args = list, want = list?, want_error = Lua pattern?, instructions =?
 * }, ... }, stop = "first"?, coverage = bool?, limits = { instructions = per call, memory = bytes,
 * output = bytes, wall = seconds }? } A list may have holes; then its field n, or its largest
 * index, says how long it is.
 *
 * result = { class =, sandbox = level, message =?, line =?, traceback =?, calls = {
 *   { ok = true, values = {...}, n =, instructions =, pass =?, lines =? } |
 *   { ok = false, class =, message =, line =?, traceback = { { fn =, line = }, ... },
 *     instructions =, pass =?, lines =? }, ... } }
 * The classes are in exec/eval_wire.h. A class other than "ok" or "format" of the whole ended it
 * early: calls has those that had ended. Malformed requests throw. */
#ifndef HAN_SCRIPT_BIND_EVAL_H
#define HAN_SCRIPT_BIND_EVAL_H

#include <lua.h>

/* Pushes the module table of han.eval: lua. */
int han__open_eval(lua_State *L);

/* Pushes the module table of han.value, plain values: encode(v) -> bytes; decode(bytes) -> v or
 * nil, message, "CORRUPT"; digest(v) -> SHA-256 of the encoding in hexadecimal; equal(a, b): the
 * same encoding, so 1 and 1.0 differ; copy(v). What is not a plain value throws, naming its path.
 */
int han__open_value(lua_State *L);

#endif
