/* Feature macros and limits of the whole engine, in one place. Every .c file includes this first.
 */
#ifndef HAN_BASE_CONFIG_H
#define HAN_BASE_CONFIG_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "han.h"

#define HAN__VALUE_DEPTH_MAX 64          /* nesting of a plain value */
#define HAN__VALUE_NODES_MAX 100000      /* tables and scalars in a plain value */
#define HAN__VALUE_BYTES_MAX (4u << 20)  /* encoded bytes of a plain value */
#define HAN__FRAME_BYTES_MAX (16u << 20) /* one frame between processes */
#define HAN__PATH_MAX        4096

#define HAN__PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define HAN__MUST_USE          __attribute__((warn_unused_result))
#define HAN__UNUSED(x)         ((void)(x))
#define HAN__COUNT(a)          (sizeof(a) / sizeof((a)[0]))

#endif
