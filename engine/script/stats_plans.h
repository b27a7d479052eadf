/* The second half of han.stats: power, e-process, posterior, Pareto fronts, effect sizes. */
#ifndef HAN_SCRIPT_STATS_PLANS_H
#define HAN_SCRIPT_STATS_PLANS_H

#include <lauxlib.h>

/* For luaL_setfuncs into the module's table; ends with a NULL name. */
extern const luaL_Reg han__stats_plans[];

#endif
