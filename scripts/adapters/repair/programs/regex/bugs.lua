-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the shortest match counts", kind = "case", fn = "M.match_at",
    find = "      if state.accept then\n        last = at - 1\n",
    replace = "      if state.accept then\n        last = last or at - 1\n" },
  { title = "one or more may be none", kind = "case", fn = "M.build",
    find = "        if mark ~= \"?\" then\n          join(ends, fork)\n          ends = {}\n        end\n"
      .. "        ends[#ends + 1] = fork\n        if mark ~= \"+\" then\n          part = fork\n        end",
    replace = "        if mark ~= \"?\" then\n          join(ends, fork)\n          ends = {}\n        end\n"
      .. "        ends[#ends + 1] = fork\n        part = fork" },
}
