-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "day and weekday must both fit even when both are limited", kind = "case", fn = "M.on_day",
    find = "  if plan.any_day or plan.any_weekday then\n    return by_day and by_weekday\n  end\n  return by_day or "
      .. "by_weekday",
    replace = "  if plan.any_day then\n    return by_weekday\n  end\n  return by_day and (plan.any_weekday or "
      .. "by_weekday)" },
  { title = "a step counts from 0 instead of from the start of its range", kind = "offset", fn = "M.field",
    find = "    for value = from, to, width do\n      chosen[value] = true\n    end",
    replace = "    for value = from, to do\n      if value % width == 0 then\n        chosen[value] = true\n      "
      .. "end\n    end" },
}
