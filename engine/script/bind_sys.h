/* Module han.sys, for the harness state only: the process and its files, as far as commands and the
 * registry need them. Every failure is nil, message, CODE. */
#ifndef HAN_SCRIPT_BIND_SYS_H
#define HAN_SCRIPT_BIND_SYS_H

#include <lua.h>

/* Bytes that read_file takes when it is given no cap, and the most it can be given. */
#define HAN__SYS_FILE_MAX HAN__FRAME_BYTES_MAX
/* Entries of one folder. */
#define HAN__SYS_ENTRIES_MAX 100000u

/* Pushes the module table:
 *   mono() wall() -> seconds                 pid() -> integer      cores() -> integer
 *   isatty(fd) -> boolean                    width() -> columns of the terminal, or nil
 *   env(name) -> text or nil                 host() -> { system=, release=, machine= }
 *   stat(path) -> { kind=, mode=, size=, mtime=, uid=, gid= }, links followed; kind is "file",
 *       "directory" or "other"
 *   list_dir(path) -> sorted names           realpath(path) -> text
 *   mkdir(path) -> true                      access(path, "r" | "w" | "x") -> boolean
 *   read_file(path [, max]) -> text, regular files only
 *   gunzip(bytes, most) -> text, of all members of a gzip file: "CORRUPT", "LIMIT" above `most`
 *   write_file(path, text [, { new = true }]) -> true; all or nothing: through a temporary file
 * that takes the place of the old one; `new` refuses when the file is there escape(text) -> text
 * that is safe on a terminal sha256(text) -> 64 hexadecimal digits wait(seconds) -> true, later:
 * the fiber waits on the loop */
int han__open_sys(lua_State *L);

/* The files part of it, added to the table on top of the stack. */
void han__sys_add_files(lua_State *L);

#endif
