-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "operands are taken in the order they come off the stack", kind = "order", fn = "M.run",
    find = "      local right, left = take(), take()\n      stack[#stack + 1] = M.binary(name, left, right)",
    replace = "      local first, second = take(), take()\n      stack[#stack + 1] = M.binary(name, first, second)" },
  { title = "division rounds down", kind = "formula", fn = "M.binary",
    find = "  local quotient = math.abs(a) // math.abs(b)\n  return (a < 0) ~= (b < 0) and -quotient or quotient",
    replace = "  return a // b" },
}
