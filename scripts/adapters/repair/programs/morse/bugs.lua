-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "digits above five are built like those below", kind = "formula", fn = "M.signal",
    find = "    return (\"-\"):rep(digit - 5) .. (\".\"):rep(10 - digit)",
    replace = "    return (\".\"):rep(10 - digit) .. (\"-\"):rep(digit - 5)" },
  { title = "the pause between words is lost at the blank after it", kind = "state", fn = "M.timing",
    find = "    elseif char == \"/\" then\n      gap = 7\n    elseif gap < 3 then\n      gap = 3\n    end",
    replace = "    else\n      gap = char == \"/\" and 7 or 3\n    end" },
}
