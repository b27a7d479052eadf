-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "one finished prerequisite is taken for all", kind = "logic", fn = "M.ready",
    find = [[
      local waiting = false
      for _, need in ipairs(job.needs) do
        if not done[need] then
          waiting = true
          break
        end
      end]],
    replace = [[
      local waiting = #job.needs > 0
      for _, need in ipairs(job.needs) do
        if done[need] then
          waiting = false
          break
        end
      end]] },
  { title = "the chain follows the longest job, not the latest finish", kind = "measure", fn = "M.critical",
    find = [[
      if not best or finish[need] > finish[best] then
        best = need]],
    replace = [[
      if not best or by_id[need].time > by_id[best].time then
        best = need]] },
  { title = "idle time is counted from the first start", kind = "measure", fn = "M.idle",
    find = "  return last * machines - used",
    replace = [[
  local first = last
  for _, row in ipairs(rows) do
    first = math.min(first, row.start)
  end
  return (last - first) * machines - used]] },
}
