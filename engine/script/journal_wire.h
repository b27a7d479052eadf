/* Rows of a journal as bytes: how a job, which has no store, sends them to the engine, and how it
 * is told what an earlier life of its cell has written. One row: kind (u8), clock (u64), flags (u8;
 * 0: none), then node, code, text, place, amount and value, each as its length (u32, all ones:
 * absent) and its bytes. */
#ifndef HAN_SCRIPT_JOURNAL_WIRE_H
#define HAN_SCRIPT_JOURNAL_WIRE_H

#include "base/buf.h"
#include "store/journal.h"

/* Appends a row. HAN_LIMIT, HAN_NOMEM, HAN_INVALID for a kind that is none; buf as before then. */
int han__journal_pack(han__buf *buf, const han__journal_row *row);
/* Takes the row at *at; its fields point into the bytes. 1: there was one; 0: the end; HAN_CORRUPT.
 */
int han__journal_unpack(const uint8_t *bytes, size_t len, size_t *at, han__journal_row *row);

#endif
