-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the sign belongs to the whole part alone", kind = "formula", fn = "M.read",
    find = "    return M.make(factor * (whole * bottom + top), math.tointeger(bottom))",
    replace = "    return M.make(factor * whole * bottom + top, math.tointeger(bottom))" },
  { title = "all digits repeat once one does", kind = "case", fn = "M.decimal",
    find = "  text = text .. \".\" .. table.concat(digits, \"\", 1, rest ~= 0 and seen[rest] - 1 or #digits)\n"
      .. "  if rest ~= 0 then\n    text = text .. \"(\" .. table.concat(digits, \"\", seen[rest]) .. \")\"\n  end",
    replace = "  if rest ~= 0 then\n    return text .. \".(\" .. table.concat(digits) .. \")\"\n  end\n"
      .. "  text = text .. \".\" .. table.concat(digits)" },
}
