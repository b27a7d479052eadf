-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a factor is divided out once", kind = "case", fn = "M.factors",
    find = "    while n % p == 0 do\n      n = n // p\n      exponent = exponent + 1\n    end",
    replace = "    if n % p == 0 then\n      n = n // p\n      exponent = n % p == 0 and 2 or 1\n    end" },
  { title = "each congruence starts from nothing again", kind = "state", fn = "M.congruence",
    find = "    local step = (pair[1] - number) * M.inverse(modulus, pair[2]) % pair[2]\n    number = number + "
      .. "modulus * step",
    replace = "    local step = pair[1] * M.inverse(modulus, pair[2]) % pair[2]\n    number = modulus * step" },
}
