-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a place counts as seen whatever keys are held", kind = "state", fn = "M.escape",
    find = "    local state = row .. \",\" .. column .. keys\n",
    replace = "    local state = row .. \",\" .. column\n    if keys ~= queue[head - 1][3] then\n      seen[state] = "
      .. "nil\n    end\n" },
  { title = "dead ends are walled up once, not again", kind = "state", fn = "M.prune",
    find = "  while changed do\n    changed = false\n",
    replace = "  if changed then\n    changed = #rows > 9\n" },
}
