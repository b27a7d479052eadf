-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "members of a joined group grow by one bit only if they were alone", kind = "case", fn = "M.lengths",
    find = "    for _, char in ipairs(joined.members) do\n      lengths[char] = lengths[char] + 1\n    end",
    replace = "    for _, char in ipairs(joined.members) do\n      lengths[char] = math.max(lengths[char], "
      .. "#joined.members - 1)\n    end" },
  { title = "codes of one length go by the order of the longest first", kind = "order", fn = "M.codes",
    find = "    local shorter = lengths[a] - lengths[b]\n    return shorter < 0 or (shorter == 0 and a < b)",
    replace = "    local shorter = lengths[a] - lengths[b]\n    return (shorter < 0 and a ~= b) or (shorter == 0 and "
      .. "b < a)" },
}
