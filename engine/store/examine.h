/* Looking at a store of which nothing is known: damaged, cut off, another program's, hostile. Tells
 * what of it can be read and is whole, and can write that into a new store. The file and its log
 * are only read. */
#ifndef HAN_STORE_EXAMINE_H
#define HAN_STORE_EXAMINE_H

#include "base/error.h"
#include "base/mem.h"

#define HAN__EXAMINE_TABLES     40
#define HAN__EXAMINE_COMPLAINTS 20

typedef struct han__examine_options {
    const char *path;
    const char *save;    /* a new file for what can be read; NULL: none is made */
    const char *vfs;     /* SQLite VFS by name; NULL: the default. For fault injection. */
    uint32_t timeout_ms; /* for the whole of it; 0: 10 minutes */
} han__examine_options;

/* One table: rows that could be read, and why not the others. */
typedef struct han__examined_table {
    char name[32];
    int64_t rows;
    int64_t refused;  /* read, but no such row can be in this table */
    char failed[160]; /* "": read to its end */
} han__examined_table;

/* Things of one kind: how many there are, and how many are there with all that belongs to them. */
typedef struct han__examined_kind {
    int64_t count, whole;
} han__examined_kind;

typedef struct han__examination {
    int status;        /* HAN_OK: whole. HAN_CORRUPT, HAN_LIMIT: see problem */
    char problem[400]; /* the first thing that is not right, with its place */
    int64_t bytes, log_bytes;
    int64_t pages, page_bytes; /* 0 when it is not a database */
    int64_t schema, application;
    bool newer;  /* of a schema that this han does not know */
    bool in_use; /* another process has it open */
    char complaints[HAN__EXAMINE_COMPLAINTS][160];
    int complained;
    han__examined_table tables[HAN__EXAMINE_TABLES];
    int table_count;
    han__examined_kind contents, runs, cells, journals;
    int64_t orphans; /* rows of things that are lost */
} han__examination;

/* HAN_OK: *out says what was found, also when all is lost. HAN_UNKNOWN: no such file; HAN_INVALID:
 * `save` is there already, or it is the path itself; HAN_IO: it cannot be read (a folder, no
 * permission), or the new file not be written; HAN_NOMEM. Must not be called while this process
 * has the file open. */
int han__store_examine(han__mem *mem, const han__examine_options *options, han__examination *out,
                       han_error *err);

#endif
