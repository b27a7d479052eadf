/* Private to the store: the part of an examination that moves rows. Each table is read from its
 * beginning to the first damage, then from its end backwards to that damage; what the tables of the
 * new store do not take, and contents that are not what their digest says, stay behind. */
#ifndef HAN_STORE_SALVAGE_H
#define HAN_STORE_SALVAGE_H

#include <sqlite3.h>

#include "store/examine.h"

typedef struct han__salvage {
    han__mem *mem;
    sqlite3 *from, *to; /* `to` has the tables of the schema, empty, and an open transaction */
    bool keep;          /* the bytes of contents too; else only that they are there */
    han__examination *found;
    han_error *err;
} han__salvage;

/* Fills in tables and contents of `found`. Failures of the new store only: HAN_IO, HAN_NOMEM. */
int han__salvage_tables(han__salvage *salvage);

#endif
