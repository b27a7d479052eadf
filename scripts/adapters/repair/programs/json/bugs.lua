-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "an escape is skipped as if it were one character", kind = "offset", fn = "M.unquote",
    find = "        char = utf8.char(tonumber(digits, 16))\n        at = at + 4\n",
    replace = "        char = utf8.char(tonumber(digits, 16) & 255)\n        at = at + #digits - 1\n" },
  { title = "a key that comes twice moves to its last place", kind = "order", fn = "M.write",
    find = "      place[key] = place[key] or #out + 1\n",
    replace = "      if place[key] then\n        table.remove(out, place[key])\n      end\n"
      .. "      place[key] = #out + 1\n" },
  { title = "the first value of a key wins, and a missing one ends the walk", kind = "case", fn = "M.at_path",
    find = "        if key == step then\n          found = node.values[i]\n        end",
    replace = "        found = found or (key == step and node.values[i])" },
}
