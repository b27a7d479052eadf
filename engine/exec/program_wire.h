/* The frames between the engine and a process that holds one untrusted program. The engine asks,
 * the program answers: one START, CALL or REPLY is one turn of the program, and one VERB, RETURN or
 * FAIL ends the turn (PRINT frames may come before it). So at most one coroutine runs at a time. A
 * frame's id is that of the agent; START has id 0. Integers are little-endian, values in the
 * encoding of value/value.h.
 *
 *   START   u64 memory limit in bytes, u64 limit of CPU time in seconds, value {name=, source=}
 *   CALL    u64 instructions, values: function (an integer from a spawn; 0: the program), task, the
 *           node's id as text
 *   REPLY   u64 instructions, u8 1: u32 n, n values | u8 0: text of an error to be raised
 *   DROP    the agent was ended from outside; no answer
 *   VERB    u64 instructions used, value: the verb, u32 n, n values: its arguments
 *   RETURN  u64 instructions used, u32 0 or 1, value
 *   FAIL    u64 instructions used, u8 class (HAN__CLASS_..., see eval_wire.h), u8 length of the
 *           place, the place as in "mine.lua:7", text
 *   PRINT   text
 *   ENDED   u32 signal that ended the process; sent by its runner, with id 0, when that is why
 *
 * Between the engine and the runner in mode "program", which forks a process for each program:
 *
 *   OPEN    nothing; the first descriptor that came with it, or before it and was not used yet, is
 *           the channel of a new program. No answer: the channel is closed when that fails, and
 * when the program ends; closing the other end ends the program PROVE   as in eval_wire.h; answered
 * by PROOF */
#ifndef HAN_EXEC_PROGRAM_WIRE_H
#define HAN_EXEC_PROGRAM_WIRE_H

enum {
    HAN__PROGRAM_START = 32,
    HAN__PROGRAM_CALL,
    HAN__PROGRAM_REPLY,
    HAN__PROGRAM_DROP,
    HAN__PROGRAM_VERB,
    HAN__PROGRAM_RETURN,
    HAN__PROGRAM_FAIL,
    HAN__PROGRAM_PRINT,
    HAN__PROGRAM_OPEN,
    HAN__PROGRAM_ENDED
};

/* Bytes that a program may print in all, with a line end for each line. */
#define HAN__PROGRAM_OUTPUT_MAX (1u << 20)

/* An agent's table {act=, name=} or function in the arguments of spawn crosses as a table with
 * these fields; han.remote.fn is the function's number. */
#define HAN__PROGRAM_FN   "han.remote.fn"
#define HAN__PROGRAM_NAME "name"

#define HAN__PROGRAM_ARGS_MAX 64

#endif
