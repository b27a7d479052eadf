-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "lines are compared instead of segments", kind = "case", fn = "M.meet",
    find = "    return M.turn(p, q, r) == 0 and math.min(p[1], q[1]) <= r[1] and r[1] <= math.max(p[1], q[1])\n"
      .. "      and math.min(p[2], q[2]) <= r[2] and r[2] <= math.max(p[2], q[2])",
    replace = "    return M.turn(p, q, r) == 0 and (p[1] ~= q[1] or p[2] ~= q[2] or r[1] == p[1])" },
  { title = "the last side is forgotten", kind = "offset", fn = "M.area",
    find = "    local next_one = polygon[i % #polygon + 1]\n    double = double",
    replace = "    local next_one = polygon[math.min(i + 1, #polygon)]\n    double = double" },
}
