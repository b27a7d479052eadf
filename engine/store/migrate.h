/* Schema versions: what a file holds, and how an older one is brought up to this build's schema. */
#ifndef HAN_STORE_MIGRATE_H
#define HAN_STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/error.h"

/* One SQL text per version: steps[0] makes version 1 of an empty file, steps[n] version n+1 of n.
 */
typedef struct han__migration {
    const char *const *steps;
    int count; /* = the version this build knows */
} han__migration;

/* The steps of the corpus. */
extern const han__migration han__store_migration;

/* Reads the version: 0 for an empty file. HAN_CORRUPT with a plain text for a file that is not
 * ours, damaged or newer. Writes nothing. */
int han__migrate_check(sqlite3 *db, const char *path, const han__migration *migration, int *version,
                       han_error *err);
/* Runs the missing steps in one transaction; another process may do the same at the same time. */
int han__migrate_run(sqlite3 *db, const char *path, const han__migration *migration,
                     han_error *err);

#endif
