-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "bytes come highest first", kind = "order", fn = "M.varint",
    find = [[
    bytes[#bytes + 1] = low
  until]],
    replace = [[
    table.insert(bytes, 1, low)
  until]] },
  { title = "padding looks at the value of a byte instead of its being there", kind = "case", fn = "M.to_base64",
    find = [[
    if not b then
      out[#out - 1] = "="
    end
    if not c then
      out[#out] = "="
    end]],
    replace = [[
    if (b or 0) == 0 and not c then
      out[#out - 1] = "="
    end
    if (c or 0) == 0 then
      out[#out] = "="
    end]] },
}
