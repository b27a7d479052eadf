/* Owns the bytes of a row between processes. What comes in is checked to its last byte. */
#include "base/config.h"
#include "script/journal_wire.h"

#include "tree/bus.h"

#define ABSENT UINT32_MAX

static int kind_of(han__bytes name)
{
    for (int kind = 0; kind < HAN__ROW_KINDS; kind++) {
        const char *known = han__row_name(kind);
        if (strlen(known) == name.len && memcmp(known, name.data, name.len) == 0) return kind;
    }
    return -1;
}

static int pack_bytes(han__buf *buf, han__bytes bytes)
{
    if (!bytes.data) return han__buf_u32(buf, ABSENT);
    if (bytes.len >= ABSENT) return HAN_LIMIT;
    int rc = han__buf_u32(buf, (uint32_t)bytes.len);
    return rc == HAN_OK ? han__buf_append(buf, bytes.data, bytes.len) : rc;
}

int han__journal_pack(han__buf *buf, const han__journal_row *row)
{
    const size_t before = buf->len;
    const han__bytes fields[] = {row->node,  row->code,   row->text,
                                 row->place, row->amount, row->value};
    int kind = kind_of(row->kind);
    if (kind < 0) return HAN_INVALID;
    int rc = han__buf_u8(buf, (uint8_t)kind);
    if (rc == HAN_OK) rc = han__buf_u64(buf, (uint64_t)row->clock);
    if (rc == HAN_OK) rc = han__buf_u8(buf, row->flags.known ? (uint8_t)row->flags.value : 0);
    for (size_t i = 0; rc == HAN_OK && i < HAN__COUNT(fields); i++) rc = pack_bytes(buf, fields[i]);
    if (rc != HAN_OK) buf->len = before;
    return rc;
}

static uint64_t number_at(const uint8_t *bytes, size_t size)
{
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++) v |= (uint64_t)bytes[i] << (8 * i);
    return v;
}

static bool unpack_bytes(const uint8_t *bytes, size_t len, size_t *at, han__bytes *out)
{
    if (len - *at < 4) return false;
    uint32_t size = (uint32_t)number_at(bytes + *at, 4);
    *at += 4;
    *out = (han__bytes){0};
    if (size == ABSENT) return true;
    if (len - *at < size) return false;
    *out = (han__bytes){bytes + *at, size};
    *at += size;
    return true;
}

int han__journal_unpack(const uint8_t *bytes, size_t len, size_t *at, han__journal_row *row)
{
    if (*at == len) return 0;
    if (len - *at < 10 || bytes[*at] >= HAN__ROW_KINDS) return HAN_CORRUPT;
    const char *kind = han__row_name(bytes[*at]);
    *row = (han__journal_row){.kind = {kind, strlen(kind)},
                              .clock = (int64_t)number_at(bytes + *at + 1, 8),
                              .flags = {bytes[*at + 9] != 0, bytes[*at + 9]}};
    han__bytes *const fields[] = {&row->node,  &row->code,   &row->text,
                                  &row->place, &row->amount, &row->value};
    *at += 10;
    for (size_t i = 0; i < HAN__COUNT(fields); i++)
        if (!unpack_bytes(bytes, len, at, fields[i])) return HAN_CORRUPT;
    return row->node.data && row->clock >= 0 ? 1 : HAN_CORRUPT;
}
