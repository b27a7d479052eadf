-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "labels are compared as text", kind = "compare", fn = "M.compare",
    find = "      return x < y and -1 or 1\n    end\n  end\n  return 0",
    replace = "      return tostring(x) < tostring(y) and -1 or 1\n    end\n  end\n  return 0" },
  { title = "a pre-release is counted up instead of finished", kind = "case", fn = "M.bump",
    find = "    if not open or patch > 0 then\n      minor = minor + 1\n    end\n    patch = 0",
    replace = "    minor, patch = minor + 1, 0" },
}
