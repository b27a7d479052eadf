-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "changes go down to what is needed instead of up to the users", kind = "order", fn = "M.reach",
    find = "      users[need] = users[need] or {}\n      table.insert(users[need], name)",
    replace = "      users[name] = users[name] or {}\n      table.insert(users[name], need)" },
  { title = "modules of a finished ring still count as open", kind = "state", fn = "M.rings",
    find = "        local member = table.remove(stack)\n        on[member] = nil\n",
    replace = "        local member = table.remove(stack)\n        on[member] = #stack > 0 or nil\n" },
}
