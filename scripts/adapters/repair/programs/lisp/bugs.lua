-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a function sees the names of where it is called", kind = "state", fn = "M.eval",
    find = "    return M.eval(f.body, { names = names, up = f.env }, counter)",
    replace = "    for name, value in pairs(env.names) do\n      names[name] = value\n    end\n"
      .. "    return M.eval(f.body, { names = names, up = f.env }, counter)" },
  { title = "the empty list holds", kind = "case", fn = "M.eval",
    find = "    local holds = test ~= 0 and not (type(test) == \"table\" and #test == 0 and not test.name and not "
      .. "test.body)",
    replace = "    local holds = test ~= 0 and test ~= nil" },
}
