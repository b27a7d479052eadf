-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "fourths and fifths are named like thirds", kind = "case", fn = "M.interval",
    find = "  if perfect then\n    names = { [0] = \"P\", [1] = \"A\", [-1] = \"d\" }\n  end",
    replace = "  if perfect and extra == 0 then\n    names = { [0] = \"P\" }\n  end" },
  { title = "the octave does not change with the letter", kind = "formula", fn = "M.transpose",
    find = "  local octave = math.tointeger(tonumber(note:sub(-1))) + index // 7\n",
    replace = "  local octave = math.tointeger(tonumber(note:sub(-1)))\n  goal = goal - index // 7 * 12\n" },
}
