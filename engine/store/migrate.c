/* Owns the meaning of application_id and user_version, and the steps from each schema to the next.
 */
#include "base/config.h"

#include <inttypes.h>
#include <stdio.h>

#include "store/migrate.h"
#include "store/sql.h"
#include "store/store.h"

extern const char han__schema_sql[];  /* schema.sql, embedded by the build */
extern const char han__schema2_sql[]; /* schema2.sql */
extern const char han__schema3_sql[]; /* schema3.sql */
extern const char han__schema4_sql[]; /* schema4.sql */
extern const char han__schema5_sql[]; /* schema5.sql */

static const char *const corpus_steps[HAN__STORE_SCHEMA] = {
    han__schema_sql, han__schema2_sql, han__schema3_sql, han__schema4_sql, han__schema5_sql};
const han__migration han__store_migration = {corpus_steps, HAN__STORE_SCHEMA};

int han__migrate_check(sqlite3 *db, const char *path, const han__migration *migration, int *version,
                       han_error *err)
{
    int64_t application = 0, user = 0, tables = 0;
    int status = han__sql_number(db, path, "PRAGMA application_id", &application, err);
    if (status == HAN_OK) status = han__sql_number(db, path, "PRAGMA user_version", &user, err);
    if (status == HAN_OK)
        status = han__sql_number(db, path, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (status != HAN_OK) return status;
    if (application == 0 && user == 0 && tables == 0) {
        *version = 0;
        return HAN_OK;
    }
    if (application != HAN__STORE_APPLICATION || user < 1)
        return han__error_set(err, HAN_CORRUPT,
                              "%s is a database of another program (application_id %" PRId64
                              "); it was left as it is; use another --db FILE",
                              path, application);
    if (user > migration->count)
        return han__error_set(err, HAN_CORRUPT,
                              "%s was written by a newer han (schema %" PRId64
                              ", this one knows %d); it was left as it is",
                              path, user, migration->count);
    *version = (int)user;
    return HAN_OK;
}

static int run_steps(sqlite3 *db, const char *path, const han__migration *migration, han_error *err)
{
    char stamp[96];
    int version = 0;
    /* again, now that nobody else can write: another process may have migrated meanwhile */
    int status = han__migrate_check(db, path, migration, &version, err);
    for (int i = version; status == HAN_OK && i < migration->count; i++)
        status = han__sql_run(db, path, "making the schema", migration->steps[i], err);
    if (status != HAN_OK) return status;
    snprintf(stamp, sizeof stamp, "PRAGMA application_id=%d; PRAGMA user_version=%d;",
             HAN__STORE_APPLICATION, migration->count);
    status = han__sql_run(db, path, "making the schema", stamp, err);
    return status == HAN_OK ? han__sql_run(db, path, "making the schema", "COMMIT", err) : status;
}

int han__migrate_run(sqlite3 *db, const char *path, const han__migration *migration, han_error *err)
{
    int status = han__sql_run(db, path, "making the schema", "BEGIN IMMEDIATE", err);
    if (status != HAN_OK) return status;
    status = run_steps(db, path, migration, err);
    if (!sqlite3_get_autocommit(db)) sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
